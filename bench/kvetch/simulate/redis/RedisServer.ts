import type { Process } from '../Network.ts';
import type { CacheCheck } from '../Server.ts';
import { later, random, virtualNow } from '../virtualTime.ts';
import { Entries } from './Entries.ts';
import { type RedisLife, RedisSession } from './RedisSession.ts';
import { bodiesWithoutLease, scriptBodies } from './scriptBodies.ts';

/** What a command takes of the server. */
const COMMAND_MS = 0.01;

/** Who is at the other end of a connection. */
export interface RedisClient {
  readonly process: Process;
  /** Bytes come, or `null`: the connection was closed at the other end. */
  hear(chunk: Buffer | null): void;
}

/** One direction of a connection: nothing is lost, and nothing overtakes. What cannot travel is sent again until it can. */
class Wire {
  readonly #isOpen: () => boolean;
  readonly #arrive: (chunk: Buffer | null) => void;
  readonly #under: Array<{ readonly due: number; readonly chunk: Buffer | null }> = [];
  #isWaiting = false;
  latencyMs = 0.1;

  constructor(isOpen: () => boolean, arrive: (chunk: Buffer | null) => void) {
    [this.#isOpen, this.#arrive] = [isOpen, arrive];
  }

  send(chunk: Buffer | null): void {
    this.#under.push({ due: virtualNow() + this.latencyMs * (1 + random() / 2), chunk });
    this.#go();
  }

  #go(): void {
    const [first] = this.#under;
    if (this.#isWaiting || first === undefined) return;
    this.#isWaiting = true;
    // while the way is closed, the sender tries again
    const wait = this.#isOpen() ? first.due - virtualNow() : RETRANSMIT_MS * (1 + random());
    later(wait, () => {
      this.#isWaiting = false;
      if (this.#isOpen() && first.due <= virtualNow()) {
        this.#under.shift();
        this.#arrive(first.chunk);
      }
      this.#go();
    });
  }
}

const RETRANSMIT_MS = 20;

/** A connection as the server sees it. */
class RedisConnection {
  readonly toServer: Wire;
  readonly toClient: Wire;
  readonly #session: RedisSession;

  constructor(server: RedisServer, client: RedisClient, life: RedisLife) {
    this.#session = new RedisSession(life);
    const isOpen = (): boolean => server.reaches(client.process);
    this.toServer = new Wire(
      () => isOpen() && !server.isPaused,
      (chunk) => {
        if (chunk !== null && server.has(this)) server.count(this.#session.take(chunk), this);
      },
    );
    this.toClient = new Wire(isOpen, (chunk) => client.hear(chunk));
  }
}

/** A Redis in memory, and the ways to it. */
export class RedisServer {
  isUp = true;
  /** Messages from it and to it are on their way until this ends. */
  isSilent = false;
  /** It takes messages, and answers them when this ends. */
  isPaused = false;
  /** Requests that came in, each with some commands. */
  requests = 0;
  /** A check that is taken out. */
  readonly broken: CacheCheck | null;
  readonly #cut = new Set<Process>();
  readonly #connections = new Set<RedisConnection>();
  #lives = 0;
  #life: RedisLife;
  #snapshot: Entries | null = null;

  constructor(broken: CacheCheck | null = null) {
    this.broken = broken;
    this.#life = this.#begin(new Entries(virtualNow));
  }

  get entries(): Entries {
    return this.#life.entries;
  }

  reaches(process: Process): boolean {
    return !this.isSilent && !this.#cut.has(process) && process.pausedUntil <= virtualNow();
  }

  /** Whether a program gets answers now. */
  answers(process: Process): boolean {
    return this.isUp && !this.isPaused && !process.isDead && this.reaches(process);
  }

  /** Cuts the way to one process, or opens it again. */
  cut(process: Process, isCut: boolean): void {
    if (isCut) this.#cut.add(process);
    else this.#cut.delete(process);
  }

  /** `null`: it refuses. */
  connect(client: RedisClient): Wire | null {
    if (!this.isUp) return null;
    const connection = new RedisConnection(this, client, this.#life);
    this.#connections.add(connection);
    return connection.toServer;
  }

  has(connection: RedisConnection): boolean {
    return this.isUp && this.#connections.has(connection);
  }

  /** A request was answered. */
  count(answer: Buffer, connection: RedisConnection): void {
    this.requests++;
    if (answer.length > 0) later(COMMAND_MS, () => connection.toClient.send(answer));
  }

  /** Keeps what a restart from a snapshot will find. */
  save(): void {
    this.#snapshot = this.entries.copy();
  }

  /** Ends; those that are connected hear it where they can. */
  crash(): void {
    this.isUp = false;
    for (const connection of this.#connections) connection.toClient.send(null);
    this.#connections.clear();
  }

  heal(): void {
    [this.isSilent, this.isPaused] = [false, false];
    if (!this.isUp) this.start('empty');
  }

  /** Begins anew: empty, or with what it has saved, which lacks what has come since. */
  start(data: 'empty' | 'snapshot'): void {
    if (this.isUp) return;
    const kept = data === 'snapshot' ? (this.#snapshot?.copy() ?? null) : null;
    this.#life = this.#begin(kept ?? new Entries(virtualNow));
    this.isUp = true;
  }

  #begin(entries: Entries): RedisLife {
    this.#lives++;
    // without "life" it says that it is the same as before; without "lease" it takes each fill
    const runId = this.broken === 'life' ? 'life-1' : `life-${this.#lives}`;
    return { entries, runId, bodies: this.broken === 'lease' ? bodiesWithoutLease : scriptBodies, known: new Set() };
  }
}
