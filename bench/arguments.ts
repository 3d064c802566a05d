import { parseArgs } from 'node:util';
import { contenderNames } from './contenders/index.ts';
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
  --rounds <n>        how often each is measured, in turn; the median counts (3)
  --milliseconds <n>  how long each time (1000)
  --quick             1 round of 200 ms: a look, no measurement
  --dist              measure dist/ instead of the sources
  --out <path>        where results go, without extension (bench/results/run)`;

/** Throws an Error that says what is wrong and what there is. */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      milliseconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      dist: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results/run' },
    },
  });
  return {
    workloads: chosenWorkloads(values.only),
    contenders: chosenContenders(values.peers),
    rounds: positive('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    milliseconds: positive('milliseconds', values.milliseconds ?? (values.quick ? '200' : '1000')),
    useDist: values.dist,
    out: values.out,
  };
}

function chosenWorkloads(only: string | undefined): readonly string[] {
  const all = workloads.map(({ name }) => name);
  return only === undefined ? all : chosen('workload', only, all, (name, asked) => name === asked);
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

function chosen(
  kind: string,
  list: string,
  all: readonly string[],
  matches: (name: string, asked: string) => boolean,
): readonly string[] {
  const asked = list.split(',').map((name) => name.trim());
  for (const one of asked) {
    if (!all.some((name) => matches(name, one))) {
      throw new Error(`There is no ${kind} ${JSON.stringify(one)}. There are: ${all.join(', ')}.`);
    }
  }
  return all.filter((name) => asked.some((one) => matches(name, one)));
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`);
  }
  return number;
}
