import { BadCursorError, quote } from '../errors.ts';

/** The last number that was read of each feed. */
export type Position = ReadonlyMap<string, number>;

const VERSION = 1;

/** A position as text: opaque, and made of what URLs may have. */
export function positionText(position: Position): string {
  return Buffer.from(JSON.stringify([VERSION, ...position])).toString('base64url');
}

/** @throws BadCursorError for what is no position */
export function parsePosition(given: unknown): Position {
  const parts = typeof given === 'string' ? partsOf(given) : null;
  if (parts?.every(isPart)) return new Map(parts);
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

function isPart(part: unknown): part is readonly [string, number] {
  return (
    Array.isArray(part) &&
    part.length === 2 &&
    typeof part[0] === 'string' &&
    Number.isSafeInteger(part[1]) &&
    part[1] >= 0
  );
}
