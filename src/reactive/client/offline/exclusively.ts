import type { OfflineStorage } from './OfflineStorage.ts';
import { randomName } from './randomName.ts';

/** Another page does it. */
export class BusyError extends Error {}

/** The part of Web Locks that is needed. Pages without HTTPS have none. */
interface Locks {
  request<T>(name: string, options: { readonly signal: AbortSignal }, work: () => Promise<T>): Promise<T>;
}

/** A page that is gone holds a lease no longer than this. */
const LEASE_MS = 60_000;

/**
 * Does some work while no other page that shares the storage does: by Web Locks, or by a lease in the storage, which `renew` makes
 * longer. A page that stops without an end loses it.
 *
 * @throws BusyError where another page holds the lease.
 */
export async function exclusively(
  name: string,
  storage: OfflineStorage,
  signal: AbortSignal,
  work: (renew: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { locks }: { readonly locks?: Locks } = Object(Reflect.get(globalThis, 'navigator'));
  if (locks !== undefined) return locks.request(`planql:${name}`, { signal }, () => work(() => Promise.resolve()));
  const by = randomName();
  const renew = async (): Promise<void> => {
    let isMine = false;
    await storage.update(name, (text) => {
      isMine = !isHeldByOther(text, by);
      return isMine ? JSON.stringify({ by, until: Date.now() + LEASE_MS }) : text;
    });
    if (!isMine) throw new BusyError('Another page sends the mutations.');
  };
  await renew();
  try {
    await work(renew);
  } finally {
    await storage.update(name, (text) => (isHeldByOther(text, by) ? text : undefined));
  }
}

/** A lease that nobody can read, or that ends too late for this clock, is none. */
function isHeldByOther(text: string | undefined, by: string): boolean {
  if (text === undefined) return false;
  try {
    const held: { readonly by?: unknown; readonly until?: unknown } = Object(JSON.parse(text));
    const left = Number(held.until) - Date.now();
    return held.by !== by && left > 0 && left <= LEASE_MS;
  } catch {
    return false;
  }
}
