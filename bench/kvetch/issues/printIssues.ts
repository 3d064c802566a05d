import { markdown, number, whole } from '../../report/table.ts';
import type { IssueCounts, IssueMeasurement, IssueOutcome } from './measureIssues.ts';
import { placeTitles } from './openPlace.ts';
import { issueProgramNamed } from './programs.ts';

const REFERENCE = 'dataloader';

/** What was measured in one place, as Markdown: figures, and in brackets what part they are of DataLoader's. */
export function printIssues({ place, counts, measured }: IssueOutcome): string {
  const clients = [...new Set(measured.map((one) => one.clients))];
  const rows = groups(measured).map(([first, ...rest]) => {
    const { program, visibility } = first;
    return [
      `${issueProgramNamed(program).title}, ${visibility}`,
      ...[first, ...rest].flatMap((one) => cells(one, measured)),
    ];
  });
  const head = [placeTitles[place], ...clients.flatMap((n) => [`${n} at once: p50 ms`, 'requests/s', 'CPU µs'])];
  const table = markdown(head, rows);
  return counts.length === 0 ? table : `${table}\n\n${printCounts(counts)}`;
}

function groups(measured: readonly IssueMeasurement[]): ReadonlyArray<[IssueMeasurement, ...IssueMeasurement[]]> {
  const byName = new Map<string, [IssueMeasurement, ...IssueMeasurement[]]>();
  for (const one of measured) {
    const name = `${one.visibility} ${one.program}`;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [one]);
    else known.push(one);
  }
  return [...byName.values()];
}

function cells(one: IssueMeasurement, all: readonly IssueMeasurement[]): readonly string[] {
  const reference = all.find(
    ({ program, clients, visibility }) =>
      program === REFERENCE && clients === one.clients && visibility === one.visibility,
  );
  const cell = (own: number, base: number | undefined, print: (n: number) => string): string =>
    base === undefined || one === reference ? print(own) : `${print(own)} (${number(own / base)})`;
  return [
    cell(one.p50, reference?.p50, number),
    cell(one.requestsPerSecond, reference?.requestsPerSecond, whole),
    cell(one.cpu, reference?.cpu, whole),
  ];
}

function printCounts(counts: readonly IssueCounts[]): string {
  const rows = counts.map(({ program, visibility, waits, calls, keys, waitsAgain }) => [
    `${issueProgramNamed(program).title}, ${visibility}`,
    ...[waits, calls, keys, waitsAgain].map(number),
  ]);
  return markdown(['one request, alone', 'waits', 'calls', 'keys', 'waits when asked again'], rows);
}
