/**
 * People use the market on two servers, with planql's client, live queries, Apollo Client and urql, while programs change its
 * data. Whenever it is quiet, each screen shows what a request without caches gives.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'graphql';
import { fill } from '../../../examples/market/fill.ts';
import { kvetchSchema } from '../../../examples/market/generated/kvetchSchema.ts';
import { model, schema } from '../../../examples/market/generated/plans.ts';
import { createEngine } from '../../../src/index.ts';
import { createKvetch, type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { PentContext } from '../../../src/pent.ts';
import { memoryVersions } from '../../../src/reactive.ts';
import { pause } from '../client/cases.ts';
import { randomFrom } from '../client/property.ts';
import { plain } from '../client/world.ts';
import { inMemory, type Market, onServers, openMarket, type Place } from './marketServer.ts';
import { type Cast, Draw, mutations, type Person, type Screen, screens, type Variables, writes } from './screens.ts';
import { type Answer, type Shown, type Watcher, watchers } from './watchers.ts';

export interface Run {
  readonly seed: number;
  readonly steps: number;
  /** Of the clients of each person: `own`, `live`, `apollo`, `urql`. */
  readonly kinds: readonly string[];
  /** Where the data is. Default: in this process. */
  readonly place?: Place;
  /** The two servers of clients, where they are processes. Default: they are in this one. */
  readonly servers?: readonly [ServerProcess, ServerProcess];
  /** In memory: all servers have a cache in their process. */
  readonly processCache?: boolean;
  /** The longest that a request or an answer is under way, in milliseconds. */
  readonly lagMs?: number;
  /** How often in a step all connections are cut, or a server is killed: from 0 to 1. */
  readonly faults?: number;
  /** How long a screen may take. */
  readonly patienceMs?: number;
  readonly tell?: (line: string) => void;
}

/** A server that can be killed, and started again on its port. */
export interface ServerProcess {
  readonly port: number;
  kill(): Promise<void>;
}

/** A screen that was not fresh in time. */
export interface Miss {
  readonly kind: string;
  readonly screen: string;
  readonly variables: Variables;
  readonly shows: unknown;
  readonly stored: unknown;
  readonly step: number;
}

export interface Report {
  readonly misses: readonly Miss[];
  /** Mutations without an answer in time. */
  readonly hanging: readonly string[];
  /** How often each mutation was done, and how often refused, by name. */
  readonly done: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly compared: number;
  readonly faults: number;
  readonly errors: readonly string[];
}

interface Watch {
  readonly kind: string;
  readonly person: Person;
  readonly screen: string;
  readonly variables: Variables;
  readonly shown: Shown;
}

/** What a request without caches gives for a screen. */
type Fresh = (watch: Omit<Watch, 'shown' | 'kind'>) => Promise<unknown>;

interface Client {
  readonly kind: string;
  readonly person: Person;
  readonly watcher: Watcher;
}

const PEOPLE = 5;
const SCREENS = 2;
const HANGS_MS = 30_000;

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

class MarketRun {
  readonly run: Run;
  readonly draw: Draw;
  readonly #clients: Client[];
  readonly #fresh: Fresh;
  readonly #writer: Kvetch;
  readonly #fault: () => Promise<void>;
  readonly #watched: Watch[] = [];
  readonly #recent: string[] = [];
  readonly report = {
    ...{ misses: [] as Miss[], hanging: [] as string[], errors: [] as string[], compared: 0, faults: 0 },
    ...{ done: {} as Record<string, number>, refused: {} as Record<string, number> },
  };

  constructor(
    run: Run,
    draw: Draw,
    clients: Client[],
    { fresh, writer, fault }: { fresh: Fresh; writer: Kvetch; fault: () => Promise<void> },
  ) {
    this.run = run;
    this.draw = draw;
    this.#clients = clients;
    this.#fresh = fresh;
    this.#writer = writer;
    this.#fault = fault;
  }

  async all(): Promise<void> {
    for (const client of this.#clients) for (let n = 0; n < SCREENS; n++) this.#watch(client);
    await this.#compare(0);
    for (let step = 1; step <= this.run.steps && this.report.misses.length === 0; step++) {
      const { draw } = this;
      if (draw.random() < 0.4) {
        const [gone] = this.#watched.splice(draw.number(this.#watched.length), 1);
        gone?.shown.stop();
        this.#watch(this.#clients.find(({ kind, person }) => kind === gone?.kind && person === gone.person) as Client);
      }
      const actions = Array.from({ length: 1 + draw.number(3) }, () => this.#act());
      if (draw.random() < (this.run.faults ?? 0)) {
        this.report.faults++;
        await this.#fault();
      }
      await Promise.all(actions);
      if (draw.random() < 0.75) await this.#compare(step);
    }
    await this.#compare(this.run.steps);
  }

  #watch({ kind, person, watcher }: Client): void {
    const screen = this.draw.of(Object.keys(screens));
    const { query, variables: make } = screens[screen] as Screen;
    const variables = make(this.draw, person);
    this.#watched.push({ kind, person, screen, variables, shown: watcher.show(query, variables) });
  }

  /** One change: by a client, or by a program. */
  async #act(): Promise<void> {
    const { draw } = this;
    if (draw.random() < 0.35) {
      const [name, write] = draw.of(Object.entries(writes));
      this.#note(name);
      const told = (error: Error & { code?: string }): void => {
        this.#note(`${name} refused: ${error.code}`);
        count(this.report.refused, `${name} ${error.code ?? error.message}`);
      };
      await write(this.#writer, draw).then(() => count(this.report.done, name), told);
      return;
    }
    const { person, watcher, kind } = draw.of(this.#clients);
    const [name, mutation] = draw.of(Object.entries(mutations));
    const variables = mutation.variables(draw, person);
    const { optimistic } = mutation;
    const isOptimistic = optimistic !== undefined && draw.random() < 0.5;
    const what = `${kind} ${name}${isOptimistic ? ' optimistic' : ''} ${JSON.stringify(variables)}`;
    this.#note(what);
    const asked = watcher.mutate(
      mutation.query,
      variables,
      isOptimistic ? (change) => optimistic(change, variables) : undefined,
    );
    const hangs = setTimeout(() => this.report.hanging.push(what), HANGS_MS);
    const answer = await asked.catch((error: Error): Answer => ({ errors: [error] }));
    clearTimeout(hangs);
    const [of, at] = mutation.created ?? [];
    const id = at?.split('.').reduce((value, key) => (value as never)?.[key], answer.data as never);
    if (of !== undefined && typeof id === 'string') draw.cast[of].push(id);
    const [error] = answer.errors ?? (answer as { error?: { graphQLErrors?: Error[] } }).error?.graphQLErrors ?? [];
    if (error === undefined) count(this.report.done, name);
    else count(this.report.refused, `${name}: ${error.message.slice(0, 60)}`);
    this.#note(`${name} ${error === undefined ? 'done' : `refused: ${error.message}`}`);
  }

  #note(line: string): void {
    this.#recent.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
    if (this.#recent.length > 40) this.#recent.shift();
  }

  /** All that is watched becomes what is stored. */
  async #compare(step: number): Promise<void> {
    const { patienceMs = 15_000, tell } = this.run;
    await Promise.all(
      this.#watched.map(async (watch) => {
        const begin = Date.now();
        let stored: unknown;
        for (let looks = 0; Date.now() < begin + patienceMs; looks++) {
          if (looks % 20 === 0) stored = await this.#fresh(watch);
          if (isDeepStrictEqual(watch.shown.now(), stored)) {
            this.report.compared++;
            if (Date.now() > begin + 4000)
              tell?.(`slow: ${Date.now() - begin} ms, ${watch.kind} ${watch.screen}, step ${step}`);
            return;
          }
          await pause(20);
        }
        stored = await this.#fresh(watch);
        const { kind, screen, variables, shown } = watch;
        const shows = shown.now();
        if (isDeepStrictEqual(shows, stored)) return;
        this.report.misses.push({ kind, screen, variables, shows, stored, step });
        for (const line of this.#recent) tell?.(`  ${line}`);
      }),
    );
  }

  end(): void {
    for (const { shown } of this.#watched) shown.stop();
    for (const { watcher } of this.#clients) watcher.close();
  }
}

/** Requests and answers that take their time. */
function laggingFetch(random: () => number, lagMs: number): typeof fetch {
  if (lagMs === 0) return fetch;
  return async (input, init) => {
    await pause(random() * lagMs);
    const response = await fetch(input, init);
    const text = await response.text();
    await pause(random() * lagMs);
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
}

export async function runMarket(run: Run): Promise<Report> {
  const { seed, kinds, place, servers, processCache = false, lagMs = 0, tell } = run;
  const random = randomFrom(seed);
  const ends: (() => Promise<void>)[] = [];
  const shards = memoryShards(2);
  const versions = memoryVersions();
  const open = async (): Promise<Market> => {
    const stored = place === undefined ? inMemory(versions, shards, processCache) : onServers(place);
    const market = await openMarket(stored);
    ends.push(() => market.close());
    return market;
  };
  const writer = await open();
  const local = servers === undefined ? [await open(), await open()] : [];
  const ports = (servers ?? local).map(({ port }) => port);
  const plainShards = place === undefined ? shards : mysqlShards([...place.mysql]);
  const uncached = createKvetch({ schema: kvetchSchema, shards: plainShards });
  ends.push(() => uncached.close());

  const made = await fill(writer.kvetch, { listings: 40, messages: 120 });
  const people = made.accounts.slice(0, PEOPLE).map(({ id, user }) => ({ account: id, user }));
  const cast: Cast = {
    ...{ made, people },
    listings: made.listings.map(({ id }) => id),
    conversations: made.conversations.map(({ id }) => id),
    offers: made.offers.map(({ id }) => id),
    notifications: made.notifications.map(({ id }) => id),
  };
  const draw = new Draw(random, cast);
  const engine = createEngine({ schema });
  const fresh: Fresh = async ({ person, screen, variables }) => {
    const viewer = { id: person.account, user: person.user };
    const { data } = await engine.execute({
      document: parse((screens[screen] as Screen).query),
      variableValues: variables,
      contextValue: { pent: new PentContext({ kvetch: uncached, model, viewer }) },
    });
    return plain(data);
  };
  const errors: string[] = [];
  const clients: Client[] = [];
  for (const person of people) {
    for (const kind of kinds) {
      const site = {
        ...{ claim: `${person.account} ${person.user}`, port: draw.of(ports), newsPort: draw.of(ports) },
        transport: draw.of(['socket', 'socket', 'stream', 'poll'] as const),
        fetch: laggingFetch(random, lagMs),
        onError: (error: unknown) => void errors.push(`${kind}: ${String(error)}`),
      };
      clients.push({ kind, person, watcher: await (watchers[kind] as (typeof watchers)[string])(site) });
    }
  }
  const fault = async (): Promise<void> => {
    if (servers !== undefined) return draw.of(servers).kill();
    for (const { cut } of local) cut();
  };
  const marketRun = new MarketRun(run, draw, clients, { fresh, writer: writer.kvetch, fault });
  try {
    await marketRun.all();
  } finally {
    marketRun.end();
    for (const end of ends.reverse()) await end().catch((error: unknown) => tell?.(`end: ${String(error)}`));
  }
  return { ...marketRun.report, errors: [...new Set(errors)] };
}
