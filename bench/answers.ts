import { isDeepStrictEqual } from 'node:util';
import { parse } from 'graphql';
import type { Contender } from './contenders/Contender.ts';
import type { Workload } from './Workload.ts';

/** What a contender answers in a few turns, as text; null where it does not apply to the workload. */
export async function answersOf(workload: Workload, contender: Contender): Promise<readonly string[] | null> {
  const answer = contender.prepare(workload, await workload.makeStore());
  if (answer === null) return null;
  const answers: string[] = [];
  for (const turn of workload.mode === 'hot' ? [0, 1, 57] : [0, 1, 2, 3, 13, 57]) {
    const document = parse(workload.document(turn));
    await answer.meet?.(document, workload.variables(turn));
    // Twice, since what is remembered of the first time may answer the second.
    for (let time = 0; time < 2; time++) {
      const given = await answer(document, workload.variables(turn));
      answers.push(typeof given === 'string' ? given : Buffer.from(given).toString('utf8'));
    }
  }
  answer.end?.();
  return answers;
}

/** How answers differ from the reference; null when they do not. */
export function difference(reference: readonly string[], answers: readonly string[], isExact: boolean): string | null {
  for (const [place, expected] of reference.entries()) {
    const actual = answers[place];
    if (actual === expected) continue;
    if (actual === undefined) return `There is no answer ${place}.`;
    const isEqual = !isExact && isDeepStrictEqual(JSON.parse(actual), JSON.parse(expected));
    if (!isEqual) return `Answer ${place} differs: ${around(expected, actual)}.`;
  }
  return null;
}

function around(expected: string, actual: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const from = Math.max(0, at - 40);
  return `at ${at}, ${JSON.stringify(expected.slice(from, at + 40))} became ${JSON.stringify(actual.slice(from, at + 40))}`;
}
