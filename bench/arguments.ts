import { parseArgs } from 'node:util';
import { contenderNames } from './contenders/index.ts';
import { chosen, timeOptions, timesOf, timeUsage } from './options.ts';
import { workloads } from './workloads/index.ts';

export interface BenchArguments {
  readonly workloads: readonly string[];
  readonly contenders: readonly string[];
  readonly rounds: number;
  /** How long each contender is measured in each round. */
  readonly milliseconds: number;
  /** Measures planql as tsup built it, instead of a bundle of the sources as they are now. */
  readonly useDist: boolean;
  /** Where the results go, without extension. */
  readonly out: string;
}

/** What is compared with; always there. */
const baselines: readonly string[] = ['validate', 'hand-bytes', 'hand-objects'];

export const usage: string = `npm run bench -- [options]
  --only <names>      workloads, by comma: ${workloads.map(({ name }) => name).join(', ')}
  --peers <names>     contenders, by comma: ${contenderNames.join(', ')}
                      ("hand", "planql" and "grafast" mean all of their forms)
${timeUsage}
  --dist              measure dist/ instead of the sources
  --out <path>        where results go, without extension (bench/results/run)`;

/** Throws an Error that says what is wrong and what there is. */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      ...timeOptions,
      dist: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results/run' },
    },
  });
  return {
    workloads: chosenWorkloads(values.only),
    contenders: chosenContenders(values.peers),
    ...timesOf(values),
    useDist: values.dist,
    out: values.out,
  };
}

function chosenWorkloads(only: string | undefined): readonly string[] {
  const all = workloads.map(({ name }) => name);
  return only === undefined ? all : chosen('workload', only, all);
}

function chosenContenders(peers: string | undefined): readonly string[] {
  if (peers === undefined) return contenderNames;
  const picked = chosen('contender', peers, contenderNames, isOfFamily);
  return contenderNames.filter((name) => picked.includes(name) || baselines.includes(name));
}

/** `planql` is a contender, and the family of all whose names begin with it. */
function isOfFamily(name: string, asked: string): boolean {
  return name === asked || (['hand', 'planql', 'grafast'].includes(asked) && name.startsWith(`${asked}-`));
}
