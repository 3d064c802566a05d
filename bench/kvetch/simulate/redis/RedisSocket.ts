import { Duplex } from 'node:stream';
import type { RedisOptions } from 'ioredis';
import type { Process } from '../Network.ts';
import { later } from '../virtualTime.ts';
import type { RedisClient, RedisServer } from './RedisServer.ts';

const CONNECT_MS = 0.3;

/** The socket of a program: what the driver takes for one of `node:net`. */
class RedisSocket extends Duplex implements RedisClient {
  readonly process: Process;
  readonly #server: RedisServer;
  connecting = true;
  #wire: ReturnType<RedisServer['connect']> = null;
  #timer: ReturnType<typeof later> | null = null;

  constructor(server: RedisServer, process: Process) {
    super({ allowHalfOpen: false });
    [this.#server, this.process] = [server, process];
    this.#connect();
  }

  /** A server that cannot be reached does not even refuse: the driver has a time limit. */
  #connect(): void {
    later(CONNECT_MS, () => {
      if (this.destroyed || this.process.isDead) return;
      if (!this.#server.reaches(this.process)) return this.#connect();
      this.#wire = this.#server.connect(this);
      if (this.#wire === null) {
        this.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
        return;
      }
      this.connecting = false;
      this.emit('connect');
    });
  }

  hear(chunk: Buffer | null): void {
    if (this.destroyed || this.process.isDead) return;
    if (chunk === null) this.destroy();
    else this.push(chunk);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.process.isDead) this.#wire?.send(chunk);
    done();
  }

  /** What is written while the socket is corked goes out as one. */
  override _writev(chunks: ReadonlyArray<{ readonly chunk: Buffer }>, done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: () => void): void {
    done();
    later(CONNECT_MS, () => this.destroy());
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(ms: number, expire?: () => void): this {
    if (this.#timer !== null) this.#timer.run = null;
    this.#timer = ms > 0 && expire !== undefined ? later(ms, expire) : null;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** What the driver makes its connections with: those of one program to the simulated Redis. */
export function connectorTo(server: RedisServer, process: Process): NonNullable<RedisOptions['Connector']> {
  return class {
    firstError: Error | undefined;
    #socket: RedisSocket | null = null;

    check(): boolean {
      return true;
    }

    connect(): Promise<never> {
      this.#socket = new RedisSocket(server, process);
      this.#socket.once('error', (error) => {
        this.firstError = error;
      });
      return Promise.resolve(this.#socket as never);
    }

    disconnect(): void {
      this.#socket?.end();
    }
  } as never;
}
