import type { Answered } from '../OfflinePlug.ts';

/** `over`: the answer is the last one. `again`: the mutation waits, and is sent again. `failed`: the same, but not for ever. */
export type Verdict = 'over' | 'again' | 'failed';

/** Statuses of HTTP that another attempt may change. */
const PASSING_STATUSES = [401, 403, 407, 408, 421, 425, 429];
/** The same for codes of errors: somebody signs in, or there is less to do. */
const PASSING_CODES: readonly unknown[] = ['UNAUTHENTICATED', 'OTHER_USER', 'TOO_MANY_REQUESTS'];
const FAILURE_CODES: readonly unknown[] = ['INTERNAL_SERVER_ERROR', 'ABORTED', 'DEADLINE'];

/** What becomes of a mutation that got no answer of GraphQL. A proxy may have refused it, so nothing is over at once. */
export function verdictOf(status: number | undefined): Verdict {
  const isRefused = status !== undefined && status >= 400 && status <= 500;
  return isRefused && !PASSING_STATUSES.includes(status) ? 'failed' : 'again';
}

/** What becomes of a mutation that was answered. Errors below a field of the mutation say nothing: the field has run. */
export function verdictOn({ errors = [], status }: Answered): Verdict {
  if (errors.length === 0) return 'over';
  const codes = errors.filter(({ path = [] }) => path.length < 2).map(({ extensions }) => extensions?.code);
  if (PASSING_STATUSES.includes(status) || codes.some((code) => PASSING_CODES.includes(code))) return 'again';
  return codes.some((code) => FAILURE_CODES.includes(code)) ? 'failed' : 'over';
}
