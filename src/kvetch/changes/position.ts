import { BadCursorError, quote } from '../errors.ts';

/** Where a feed is. */
export interface Position {
  /** The last number that was read of each store's feed. */
  readonly at: Map<string, number>;
  /** The feeds of stores without shards that were read to their end. */
  readonly drained: Set<string>;
}

const VERSION = 1;
const DRAINED = 1;

/** A position as text: opaque, and made of what URLs may have. */
export function positionText(at: ReadonlyMap<string, number>, drained: ReadonlySet<string>): string {
  const parts = [...at].map(([feed, number]) => (drained.has(feed) ? [feed, number, DRAINED] : [feed, number]));
  return Buffer.from(JSON.stringify([VERSION, ...parts])).toString('base64url');
}

/** @throws BadCursorError for what is no position */
export function parsePosition(given: unknown): Position {
  const parts = typeof given === 'string' ? partsOf(given) : null;
  if (parts?.every(isPart)) {
    const drained = parts.flatMap(([feed, , mark]) => (mark === DRAINED ? [feed] : []));
    return { at: new Map(parts.map(([feed, number]) => [feed, number])), drained: new Set(drained) };
  }
  throw new BadCursorError(
    `The position ${quote(given)} of a change feed is none. Give "from" the "position" of a change, or what changePosition() gave.`,
  );
}

function partsOf(text: string): readonly unknown[] | null {
  try {
    const [version, ...parts] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    return version === VERSION ? parts : null;
  } catch {
    return null; // no JSON, or no list
  }
}

function isPart(part: unknown): part is readonly [feed: string, number: number, mark?: number] {
  if (!Array.isArray(part) || (part.length !== 2 && part.length !== 3)) return false;
  const [feed, number, mark = DRAINED]: readonly unknown[] = part;
  return typeof feed === 'string' && Number.isSafeInteger(number) && Number(number) >= 0 && mark === DRAINED;
}
