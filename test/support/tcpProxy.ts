import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to a chunk: `pass` it on, `drop` it, or `cut` its connection. */
export type Fate = 'pass' | 'drop' | 'cut';

/** Decides about what clients ask and what the server answers. */
export type Rule = (from: 'client' | 'server', chunk: Buffer) => Fate;

const pass: Rule = () => 'pass';

/** What clients say that was held up on its way. */
export interface Held {
  /** How many connections it is from. */
  readonly count: number;
  /** Lets the server have it, though the clients may be gone. */
  release(): void;
}

/** A way to a server over real sockets that a test can break in the middle. */
export class TcpProxy {
  /** Connections that clients have made so far. */
  made = 0;
  /** Milliseconds by which all that the server says comes later. */
  delayMs = 0;
  /** Keeps what the server says until it has said something to every client that has asked: no connection outruns a slow one. */
  inStep = false;
  /** Clients that wait for the server, each with the deliveries of what it has said. */
  readonly #step = new Map<Socket, Array<() => void>>();
  #rule: Rule = pass;
  #asked: { readonly text: string; readonly waiting: Map<Socket, Array<() => void>> } | null = null;
  #hold: { readonly until: Promise<void>; release(): void; seen(): void } | null = null;
  readonly #pairs = new Set<readonly [client: Socket, upstream: Socket]>();
  readonly #server: Server;
  readonly #target: number;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Listens on a free port of 127.0.0.1, before a port of the same machine. */
  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((listening, failed) => {
      proxy.#server.once('error', failed).listen(0, '127.0.0.1', listening);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#pairs.size;
  }

  /** From now on, until `heal`. */
  rule(rule: Rule): void {
    this.#rule = rule;
  }

  /** Keeps the server's answers back, until `heal`. Resolves when there is one. */
  holdAnswers(): Promise<void> {
    let release = (): void => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    return new Promise((seen) => {
      this.#hold = { until, release, seen };
    });
  }

  /** Keeps back what clients say, in each connection from the first chunk on that has a text, until `release`. */
  holdAsked(text: string): Held {
    const waiting = new Map<Socket, Array<() => void>>();
    this.#asked = { text, waiting };
    return {
      get count() {
        return waiting.size;
      },
      release: () => {
        this.#asked = null;
        for (const deliver of [...waiting.values()].flat()) deliver();
        waiting.clear();
      },
    };
  }

  /** Cuts all connections. New ones are accepted. */
  cutAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  heal(): void {
    this.#rule = pass;
    this.#hold?.release();
    this.#hold = null;
  }

  async close(): Promise<void> {
    this.heal();
    this.cutAll();
    await new Promise((closed) => this.#server.close(closed));
  }

  #accept(client: Socket): void {
    this.made++;
    const upstream = connect(this.#target, '127.0.0.1');
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      if (this.#step.delete(client)) this.#endStep();
      for (const socket of pair) socket.destroy();
    };
    const isHeld = (): boolean => this.#asked?.waiting.has(client) ?? false;
    for (const socket of pair) socket.setNoDelay(true);
    upstream.on('error', end).on('close', end);
    client.on('error', () => isHeld() || end());
    // the server hears that the client has gone behind what the client said before
    client.on('close', () => {
      if (isHeld()) this.#asked?.waiting.get(client)?.push(() => upstream.end());
      else end();
    });
    client.on('data', (chunk) => {
      const { text = '', waiting } = this.#asked ?? {};
      if (this.inStep) this.#step.set(client, []);
      const pass = (): void => this.#pass('client', chunk, upstream, end);
      if (waiting !== undefined && (waiting.has(client) || chunk.includes(text)))
        waiting.set(client, [...(waiting.get(client) ?? []), () => void upstream.write(chunk)]);
      else pass();
    });
    upstream.on('data', async (chunk) => {
      this.#hold?.seen();
      await this.#hold?.until;
      if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
      const deliver = (): void => this.#pass('server', chunk, client, end);
      const kept = this.#step.get(client);
      if (kept === undefined) return deliver(); // the end of an answer
      kept.push(deliver);
      this.#endStep();
    });
  }

  #endStep(): void {
    const deliveries = [...this.#step.values()];
    if (deliveries.some((kept) => kept.length === 0)) return;
    this.#step.clear();
    for (const deliver of deliveries.flat()) deliver();
  }

  #pass(from: 'client' | 'server', chunk: Buffer, to: Socket, cut: () => void): void {
    const fate = this.#rule(from, chunk);
    if (fate === 'pass') to.write(chunk);
    else if (fate === 'cut') cut();
  }
}
