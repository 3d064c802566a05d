import { itemAt } from '../../../utils/itemAt.ts';
import type { FencedServer } from '../FencedServer.ts';
import { type Beat, raisePulse } from './pulse.ts';
import type { Replica } from './Replica.ts';

/** More written places than these are not remembered one by one. */
const MAX_PLACES = 100_000;
const BEATS_PER_LAG = 4;
const MAX_BEAT_MS = 500;

/**
 * Knows how far replicas are, without comparing clocks: it writes a number to the primary every now and then, as long as
 * somebody reads, and looks when replicas show it. So it knows which replica shows all that was committed some
 * milliseconds ago, and which shows all that this process has written to a place.
 */
export class Beats {
  readonly replicas: readonly Replica[];
  readonly #primary: FencedServer;
  readonly #maxLagMs: number;
  readonly #beatMs: number;
  /** By place: the first beat that began after this process wrote there. */
  readonly #written = new Map<string, number>();
  /** The same for places that were too many to remember. */
  #writtenAnywhere = 0;
  #beats: Beat[] = [];
  #begun = 0;
  #lastBegunAt = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | null = null;
  /** Processes begin with different replicas, and stay with one: else a client's reads would go back and forth in time. */
  #preferred: number;

  constructor(primary: FencedServer, replicas: readonly Replica[], maxLagMs: number) {
    this.#primary = primary;
    this.replicas = replicas;
    this.#maxLagMs = maxLagMs;
    this.#beatMs = Math.min(MAX_BEAT_MS, maxLagMs / BEATS_PER_LAG);
    this.#preferred = Math.floor(Math.random() * replicas.length);
  }

  /** A replica that shows all that was committed `maxLagMs` ago, if one is known. */
  choose(): Replica | null {
    const now = performance.now();
    if (now - this.#lastBegunAt >= this.#beatMs) void this.beat();
    const count = this.replicas.length;
    for (let i = 0; i < count; i++) {
      const at = (this.#preferred + i) % count;
      const replica = itemAt(this.replicas, at);
      if (replica.shown === null || now - replica.shown.begunAt > this.#maxLagMs) continue;
      this.#preferred = at;
      return replica;
    }
    return null;
  }

  /** Whether a replica shows the writes of this process to a place. */
  isShown(place: string, { shown }: Replica): boolean {
    const n = shown?.n ?? 0;
    return n >= this.#writtenAnywhere && n >= (this.#written.get(place) ?? 0);
  }

  /** This process has written to places, or may have. */
  wrote(places: readonly string[]): void {
    const next = this.#begun + 1;
    for (const place of places) this.#written.set(place, next);
    if (this.#written.size <= MAX_PLACES) return;
    this.#written.clear();
    this.#writtenAnywhere = next;
  }

  /** Raises the primary's number and looks at the replicas. It never rejects; at one time there is one. */
  beat(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = null;
    });
    return this.#beating;
  }

  async #beat(): Promise<void> {
    const [n, begunAt] = [++this.#begun, performance.now()];
    this.#lastBegunAt = begunAt;
    try {
      await this.#primary.open();
      const { origin, value } = await raisePulse(this.#primary.server);
      this.#beats = this.#beats.filter((beat) => begunAt - beat.begunAt <= this.#maxLagMs);
      this.#beats.push({ n, value, begunAt });
      for (const replica of this.replicas) void replica.look(origin, this.#beats).then(() => this.#forget());
    } catch {
      // the primary does not answer: the replicas' moments get older, until they are not used any more
    }
  }

  /** Forgets the moments of all replicas. */
  #forget(): void {
    const least = Math.min(...this.replicas.map(({ shown }) => shown?.n ?? 0));
    for (const [place, n] of this.#written) if (n <= least) this.#written.delete(place);
  }
}
