import { parseArgs } from 'node:util';
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
  --rounds <n>        how often each is measured, in turn; the median counts (3)
  --milliseconds <n>  how long each time (1000)
  --quick             1 round of 200 ms: a look, no measurement
  --out <path>        where results go, without extension (bench/results/kvetch-run)`;

/** Throws an Error that says what is wrong and what there is. */
export function parseKvetchArguments(argv: readonly string[]): KvetchBenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      programs: { type: 'string' },
      rounds: { type: 'string' },
      milliseconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results/kvetch-run' },
    },
  });
  return {
    workloads: chosen('workload', values.only, names(workloads)),
    programs: chosen('program', values.programs && `hand,${values.programs}`, names(programs)),
    rounds: positive('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    milliseconds: positive('milliseconds', values.milliseconds ?? (values.quick ? '200' : '1000')),
    out: values.out,
  };
}

function chosen(kind: string, list: string | undefined, all: readonly string[]): readonly string[] {
  if (list === undefined) return all;
  const asked = list.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new Error(`There is no ${kind} ${JSON.stringify(unknown)}. There are: ${all.join(', ')}.`);
  }
  return all.filter((name) => asked.includes(name));
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`);
}
