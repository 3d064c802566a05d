import { EventEmitter } from 'node:events';
import type { PoolOptions, QueryOptions } from 'mysql2';
import type { Server } from './Server.ts';
import type { Answer } from './sql/statements.ts';
import type { Value } from './sql/Tables.ts';
import { later, random, virtualNow } from './virtualTime.ts';

/** One program with its connections. It can stop for a while, as one whose machine is suspended, or for ever. */
export class Process {
  readonly name: string;
  /** Nothing comes or goes before. */
  pausedUntil = 0;
  isDead = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** What goes wrong between processes and servers. */
export interface Weather {
  /** Half of a round trip takes so many milliseconds, and up to half as much again. */
  latencyMs: number;
  /** The part of messages that are lost: of requests, and of answers. */
  loss: number;
}

/** The servers by host, and the process that opens connections now. */
export const network: {
  readonly servers: Map<string, Server>;
  readonly weather: Weather;
  opener: Process;
  /** Messages that were lost. */
  lost: number;
} = { servers: new Map(), weather: { latencyMs: 0.25, loss: 0 }, opener: new Process('setup'), lost: 0 };

type Callback = (error: Error | null, result?: unknown) => void;

function fatal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, fatal: true });
}

/** The driver's connection of a pool, as far as the store uses it. */
class Connection extends EventEmitter {
  readonly #pool: Pool;
  readonly #server: Server;
  readonly #process: Process;
  #isOpen = true;
  /** When the last message arrives: they keep their order. */
  #arrival = 0;

  constructor(pool: Pool, server: Server, process: Process) {
    super();
    [this.#pool, this.#server, this.#process] = [pool, server, process];
  }

  query(given: string | QueryOptions, answer: Callback): void {
    this.#send(given, [], answer);
  }

  execute(given: QueryOptions, answer: Callback): void {
    this.#send(given, (given.values ?? []) as readonly Value[], answer);
  }

  #send(given: string | QueryOptions, values: readonly Value[], answer: Callback): void {
    const sql = typeof given === 'string' ? given : given.sql;
    if (sql.startsWith('SET SESSION')) return void later(0, () => answer(null, {}));
    if (!this.#isOpen) return void later(0, () => answer(fatal('EPIPE', 'The connection is closed.')));
    const isLost = random() < network.weather.loss;
    const isAnswerLost = random() < network.weather.loss;
    if (isLost || isAnswerLost) network.lost++;
    this.#travel(() => {
      if (isLost || this.#server.isSilent) return;
      if (!this.#server.isUp) return this.#break(answer);
      const reply = (error: Error | null, answers: readonly Answer[]): void => {
        if (isAnswerLost || this.#server.isSilent) return;
        this.#travel(() => {
          if (!this.#isOpen) return;
          if (error !== null) return answer(error);
          answer(null, answers.length === 1 ? answers[0] : answers);
        });
      };
      this.#server.run(this, sql, values, reply);
    });
  }

  /** A message on its way, either way. */
  #travel(arrive: () => void): void {
    const { latencyMs } = network.weather;
    const held = Math.max(0, this.#process.pausedUntil - virtualNow());
    const due = Math.max(this.#arrival, virtualNow() + held + latencyMs * (1 + random() / 2));
    this.#arrival = due;
    later(due - virtualNow(), () => {
      if (this.#process.isDead) return;
      if (this.#process.pausedUntil > virtualNow()) this.#travel(arrive);
      else arrive();
    });
  }

  #break(answer: Callback): void {
    this.destroy();
    answer(fatal('PROTOCOL_CONNECTION_LOST', 'Connection lost: The server closed the connection.'));
  }

  release(): void {
    this.#pool.giveBack(this);
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#pool.drop(this);
    this.emit('end');
    // the server hears of it when nothing else comes
    later(network.weather.latencyMs, () => this.#server.leave(this));
  }
}

/** The driver's pool. The store's gate lets no more calls in than there may be connections. */
export class Pool extends EventEmitter {
  readonly #server: Server | undefined;
  readonly #process: Process;
  readonly #host: string;
  readonly #connectTimeout: number;
  #idle: Connection[] = [];

  constructor({ host = '', connectTimeout = 10_000 }: PoolOptions) {
    super();
    this.#connectTimeout = connectTimeout;
    this.#host = host;
    this.#server = network.servers.get(host);
    this.#process = network.opener;
  }

  getConnection(answer: Callback): void {
    const idle = this.#idle.pop();
    if (idle !== undefined) return void later(0, () => answer(null, idle));
    const server = this.#server;
    const { latencyMs } = network.weather;
    const held = Math.max(0, this.#process.pausedUntil - virtualNow());
    const isSilent = server?.isSilent ?? false;
    later(held + (isSilent ? this.#connectTimeout : 3 * latencyMs), () => {
      if (this.#process.isDead) return;
      if (isSilent) return answer(fatal('ETIMEDOUT', 'connect ETIMEDOUT'));
      if (server === undefined || !server.isUp)
        return answer(fatal('ECONNREFUSED', `connect ECONNREFUSED ${this.#host}`));
      const connection = new Connection(this, server, this.#process);
      this.emit('connection', connection);
      answer(null, connection);
    });
  }

  giveBack(connection: Connection): void {
    this.#idle.push(connection);
  }

  drop(connection: Connection): void {
    this.#idle = this.#idle.filter((idle) => idle !== connection);
  }

  end(answer: Callback): void {
    for (const connection of this.#idle) connection.destroy();
    answer(null);
  }
}
