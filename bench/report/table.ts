import type { ContenderResults, Results, WorkloadResults } from './Results.ts';

/** The results as Markdown: ratios first, then figures for each workload, then what is missing and why. */
export function printTable(results: Results): string {
  return [ratios(results), ...results.workloads.map(figures), missing(results)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function ratios({ workloads }: Results): string {
  const names = contenderNames(workloads);
  const rows = workloads.map(({ title, contenders }) => [title, ...names.map((name) => cell(contenders, name))]);
  const means = ['geometric mean of the first five', ...names.map((name) => mean(workloads, name))];
  return markdown(['CPU time, as a multiple of the baseline', ...names], [...rows, means]);
}

/** All contenders, in the order in which they are met. */
export function contenderNames(workloads: readonly WorkloadResults[]): readonly string[] {
  return [...new Set(workloads.flatMap(({ contenders }) => contenders.map(({ name }) => name)))];
}

function cell(contenders: readonly ContenderResults[], name: string): string {
  const contender = contenders.find((one) => one.name === name);
  if (contender === undefined) return '–';
  return contender.ratio === null ? '✗' : number(contender.ratio);
}

const answered: readonly string[] = ['todo', 'friends', 'deep', 'flat', 'union'];

function mean(workloads: readonly WorkloadResults[], name: string): string {
  let product = 1;
  for (const workload of answered) {
    const contenders = workloads.find((one) => one.name === workload)?.contenders;
    const ratio = contenders?.find((one) => one.name === name)?.ratio;
    if (ratio == null) return '–';
    product *= ratio;
  }
  return number(product ** (1 / answered.length));
}

function figures({ title, baseline, contenders }: WorkloadResults): string {
  const rows = contenders.map(({ title: contender, measured, ratio, spread, missing: reason }) => {
    if (measured === null || ratio === null) return [contender, reason ?? '', '', '', '', ''];
    const { opsPerSecond, cpuMicros, allocatedBytes, storeCalls } = measured;
    const range = spread === null ? '' : ` (${spread.map(number).join('–')})`;
    return [
      contender,
      `${number(ratio)}${range}`,
      whole(opsPerSecond),
      number(cpuMicros),
      number(allocatedBytes / 1024),
      number(storeCalls),
    ];
  });
  const heading = `**${title}**, compared with ${baseline}`;
  return `${heading}\n\n${markdown(['', 'ratio', 'ops/s', 'CPU µs/op', 'KB/op', 'store calls/op'], rows)}`;
}

function missing({ workloads }: Results): string {
  const lines = workloads.flatMap(({ name, contenders }) =>
    contenders.filter((one) => one.missing !== null).map((one) => `- ✗ ${one.title}, ${name}: ${one.missing}`),
  );
  return lines.join('\n');
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|---|${head
    .slice(1)
    .map(() => '--:|')
    .join('')}`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Three significant digits. */
export function number(value: number): string {
  if (value >= 100) return whole(value);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
