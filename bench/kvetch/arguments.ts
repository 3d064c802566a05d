import { parseArgs } from 'node:util';
import { chosen, timeOptions, timesOf, timeUsage } from '../options.ts';
import { programs } from './programs/index.ts';
import { workloads } from './workloads.ts';

export interface KvetchBenchArguments {
  readonly workloads: readonly string[];
  readonly programs: readonly string[];
  readonly rounds: number;
  readonly milliseconds: number;
  readonly out: string;
}

const names = (list: ReadonlyArray<{ readonly name: string }>): readonly string[] => list.map(({ name }) => name);

export const usage: string = `npm run bench:kvetch -- [options]
  --only <names>      workloads, by comma: ${names(workloads).join(', ')}
  --programs <names>  programs, by comma: ${names(programs).join(', ')}; "hand" is always there
${timeUsage}
  --out <path>        where results go, without extension (bench/results/kvetch-run)`;

/** Throws an Error that says what is wrong and what there is. */
export function parseKvetchArguments(argv: readonly string[]): KvetchBenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      programs: { type: 'string' },
      ...timeOptions,
      out: { type: 'string', default: 'bench/results/kvetch-run' },
    },
  });
  return {
    workloads: chosenOrAll('workload', values.only, names(workloads)),
    programs: chosenOrAll('program', values.programs && `hand,${values.programs}`, names(programs)),
    ...timesOf(values),
    out: values.out,
  };
}

function chosenOrAll(kind: string, list: string | undefined, all: readonly string[]): readonly string[] {
  return list === undefined ? all : chosen(kind, list, all);
}
