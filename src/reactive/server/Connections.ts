import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { Invalidator } from '../Invalidator.ts';
import type { Change, VersionListener } from '../versions/VersionStore.ts';

/** An open stream or socket. */
export interface OpenConnection {
  readonly subject: string;
  /** Asks again for the subject of its request. It may throw. */
  ask(): Promise<string | null> | string | null;
  /** Its subject is another one by now, or none. */
  end(): void;
}

/**
 * The open streams and sockets of this process. A session may end while its connection is open: the subject of each
 * connection is asked for again from time to time, and at once when any process calls `recheck` of its subject.
 */
export class Connections implements VersionListener {
  readonly #invalidator: Invalidator;
  readonly #everyMs: number;
  readonly #most: number;
  readonly #bySubject = new Map<string, Set<OpenConnection>>();
  readonly #timers = new Map<OpenConnection, NodeJS.Timeout | null>();
  #unlisten: (() => void) | null = null;

  constructor(invalidator: Invalidator, everyMs: number, most: number) {
    this.#invalidator = invalidator;
    this.#everyMs = everyMs;
    this.#most = most;
  }

  /** Whether a subject may open one more. */
  hasRoom(subject: string): boolean {
    return (this.#bySubject.get(this.#nameOf(subject))?.size ?? 0) < this.#most;
  }

  add(connection: OpenConnection): void {
    this.#unlisten ??= this.#invalidator.versions.listen(this);
    getOrCreate(this.#bySubject, this.#nameOf(connection.subject), () => new Set<OpenConnection>()).add(connection);
    const ask = (): void => void this.#check(connection);
    this.#timers.set(connection, this.#everyMs > 0 ? setInterval(ask, this.#everyMs).unref() : null);
  }

  remove(connection: OpenConnection): void {
    clearInterval(this.#timers.get(connection) ?? undefined);
    this.#timers.delete(connection);
    const name = this.#nameOf(connection.subject);
    const others = this.#bySubject.get(name);
    others?.delete(connection);
    if (others?.size === 0) this.#bySubject.delete(name);
    if (this.#timers.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = null;
  }

  onChange({ keys }: Change): void {
    for (const key of keys) for (const connection of this.#bySubject.get(key) ?? []) void this.#check(connection);
  }

  /** Changes that were missed are found when the time is over. */
  onGap(): void {}

  #nameOf(subject: string): string {
    return this.#invalidator.subjectName(subject);
  }

  async #check(connection: OpenConnection): Promise<void> {
    try {
      const asked = connection.ask();
      const subject = isPromiseLike(asked) ? await asked : asked;
      if (subject === connection.subject || !this.#timers.has(connection)) return;
    } catch {
      return; // it is not known now, and asked for again
    }
    this.remove(connection);
    connection.end();
  }
}
