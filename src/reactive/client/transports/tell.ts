import type { HeldSet, NewVersions } from '../HeldSet.ts';
import type { TransportEvents } from './Transport.ts';

/** A message about sets, as sockets and event streams have it (spec 11.8). */
export interface News {
  readonly type: string;
  readonly keys?: NewVersions | null;
  readonly spreadMs?: number;
}

/** Tells the client of a message; `set` is the one that it names. What is unknown is left to newer clients. */
export function tell(events: TransportEvents, { type, keys, spreadMs = 0 }: News, set: HeldSet | undefined): void {
  if (type === 'inv') events.stale(keys ?? {});
  if (type === 'reset') events.reset(spreadMs);
  if (set === undefined) return;
  if (type === 'expired') events.expired(set);
  if (type === 'err') events.refused(set);
}
