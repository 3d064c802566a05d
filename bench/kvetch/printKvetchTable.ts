import { markdown, number, whole } from '../report/table.ts';
import type { KvetchProgramResults, KvetchResults, KvetchWorkloadResults } from './Results.ts';

/** The results as Markdown: ratios first, then figures for each workload. */
export function printKvetchTable({ workloads }: KvetchResults): string {
  const names = [...new Set(workloads.flatMap(({ programs }) => programs.map(({ name }) => name)))];
  const rows = workloads.map(({ title, programs }) => [title, ...names.map((name) => cell(programs, name))]);
  const ratios = markdown(['time (CPU time) as a multiple of that by hand', ...names], rows);
  return [ratios, ...workloads.map(figures)].join('\n\n');
}

function cell(programs: readonly KvetchProgramResults[], name: string): string {
  const one = programs.find((program) => program.name === name);
  if (one === undefined || one.timeRatio === null || one.cpuRatio === null) return '–';
  return `${number(one.timeRatio)} (${number(one.cpuRatio)})`;
}

function figures({ title, programs }: KvetchWorkloadResults): string {
  const rows = programs.map(({ title: program, measured, timeRatio, spread, missing }) => {
    if (measured === null || timeRatio === null) return [program, missing ?? '', '', '', '', '', ''];
    const { opsPerSecond, cpuMicros, allocatedBytes, sqlStatements, redisCommands } = measured;
    const range = spread === null ? '' : ` (${spread.map(number).join('–')})`;
    return [
      program,
      `${number(timeRatio)}${range}`,
      whole(opsPerSecond),
      number(cpuMicros),
      number(allocatedBytes / 1024),
      number(sqlStatements),
      number(redisCommands),
    ];
  });
  const head = ['', 'time', 'ops/s', 'CPU µs/op', 'KB/op', 'SQL/op', 'Redis/op'];
  return `**${title}**\n\n${markdown(head, rows)}`;
}
