import type { Cursors } from './Cursors.ts';

/** What an application does otherwise than the oracle. */
export class Difference extends Error {}

/** An error of a response. */
export interface Problem {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly originalError?: unknown;
}

/** The codes of errors that queries may have. Others are defects. */
const forClients = new Set(['BAD_PAGE', 'BAD_CURSOR', 'NON_NULL', 'BAD_VALUE', 'UNREPRESENTABLE']);

export function isForClients(codes: readonly string[]): boolean {
  return codes.every((code) => forClients.has(code));
}

export function codesOf(errors: readonly Problem[] = []): readonly string[] {
  return [...new Set(errors.map(codeOfProblem))].sort();
}

function codeOfProblem({ extensions, originalError, message }: Problem): string {
  if (extensions?.code !== undefined) return String(extensions.code);
  if (/non-null/.test(message)) return 'NON_NULL';
  if (/represent/.test(message)) return 'UNREPRESENTABLE';
  return `MASKED ${originalError === undefined ? message : codeOf(originalError)}`;
}

export function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code ?? error);
}

/** A value as JSON has it. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** Says where two results differ, or null. The cursors of the application are noted. */
export function differenceOf(cursors: Cursors, real: unknown, wanted: unknown, path: string): string | null {
  if (typeof wanted === 'string' && wanted.startsWith('cur:')) return cursorDifference(cursors, real, wanted, path);
  const isSameKind = typeof real === typeof wanted && Array.isArray(real) === Array.isArray(wanted) && real !== null;
  if (wanted === null || typeof wanted !== 'object') return real === wanted ? null : unlike(real, wanted, path);
  if (!isSameKind) return unlike(real, wanted, path);
  // entries leave out what they do not have
  if (path.endsWith('.data')) return textOf(real) === textOf(wanted) ? null : unlike(real, wanted, path);
  const [own, other] = [Object.entries(real as object), Object.entries(wanted)];
  const keys = other.map(([key]) => key);
  if (own.map(([key]) => key).join() !== keys.join()) return unlike(real, wanted, path);
  for (const [at, [key, value]] of other.entries()) {
    const found = differenceOf(cursors, own[at]?.[1], value, `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function cursorDifference(cursors: Cursors, real: unknown, wanted: string, path: string): string | null {
  if (typeof real !== 'string') return unlike(real, wanted, path);
  const before = cursors.note(wanted, real);
  return before === null ? null : `${path}: the cursor of ${wanted} was ${before} and is ${real}`;
}

function unlike(real: unknown, wanted: unknown, path: string): string {
  return `${path}: ${show(real)}, not ${show(wanted)}`;
}

function textOf(data: unknown): string {
  const given = Object.entries(data as object).filter(([, value]) => value !== null);
  return JSON.stringify(given.sort());
}

function show(value: unknown): string | undefined {
  return JSON.stringify(value)?.slice(0, 600);
}
