import type { Context } from '../contract.ts';
import { safeError } from '../errors.ts';

/** The key of a viewer in the space that all viewers share. */
export function ownKey({ viewerId }: Context, key: unknown): string {
  if (typeof key !== 'string' || key === '') throw safeError('INVALID_INPUT', 'An idempotency key must not be empty.');
  return `${JSON.stringify(viewerId)}:${key}`;
}
