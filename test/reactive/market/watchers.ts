/** The clients that watch the market: planql's own, the same with live queries, Apollo Client and urql. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { makeReactive } from '../../../src/reactive-apollo.ts';
import {
  createReactiveClient,
  type Draft,
  eventStream,
  polling,
  type Transport,
  webSocket,
} from '../../../src/reactive-client.ts';
import { reactiveExchange } from '../../../src/reactive-urql.ts';
import { document, plain } from '../client/world.ts';
import type { Variables } from './screens.ts';

export interface Shown {
  /** What it shows, as JSON without types. */
  now(): unknown;
  stop(): void;
}

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

/** A client of one person. */
export interface Watcher {
  show(query: string, variables: Variables): Shown;
  mutate(query: string, variables: Variables, optimistic?: (draft: Draft) => void): Promise<Answer>;
  close(): void;
}

/** The place that a client asks, the name under which it asks, and its `fetch`. */
export interface Site {
  readonly claim: string;
  readonly port: number;
  /** Of the server that tells of changes. */
  readonly newsPort: number;
  readonly transport: keyof typeof transports;
  readonly fetch: typeof fetch;
  readonly onError: (error: unknown) => void;
}

const backOff = { minMs: 20, maxMs: 300 };
const bearer = ({ claim }: Site) => ({ authorization: `Bearer ${claim}` });
/** `ws` waits 30 s for the other side to close, too. */
class Socket extends WebSocket {
  override close(): void {
    this.terminate();
  }
}

const transports = {
  socket: (site: Site): Transport =>
    webSocket({
      url: `ws://127.0.0.1:${site.newsPort}/deps/socket`,
      token: () => site.claim,
      open: (url, protocol) => new Socket(url, protocol) as never,
      backOff,
    }),
  stream: (site: Site): Transport =>
    eventStream({ url: `http://127.0.0.1:${site.newsPort}/deps/stream`, headers: () => bearer(site), backOff }),
  poll: (site: Site): Transport =>
    polling({ url: `http://127.0.0.1:${site.newsPort}/deps/poll`, headers: () => bearer(site), backOff }),
};
const transportOf = (site: Site): Transport => transports[site.transport](site);
const urlOf = ({ port }: Site): string => `http://127.0.0.1:${port}/graphql`;

function ownClient(site: Site, isLive: boolean): Watcher {
  const live = createClient({
    url: `ws://127.0.0.1:${site.newsPort}/live`,
    webSocketImpl: Socket,
    connectionParams: { token: site.claim },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
  });
  const client = createReactiveClient({
    ...{ url: urlOf(site), headers: () => bearer(site), fetch: site.fetch, onError: site.onError },
    ...{ transport: transportOf(site), keepMs: 200, ...(isLive && { live }) },
  });
  return {
    show(query, variables) {
      const watched = client.watch(document(query), variables, { live: isLive });
      const stop = watched.subscribe(() => undefined);
      return { now: () => plain(watched.getSnapshot().data), stop };
    },
    mutate: (query, variables, optimistic) => client.mutate(document(query), variables, optimistic && { optimistic }),
    close() {
      client.close();
      void live.dispose();
    },
  };
}

/** A user tries again where the first request of a screen has failed: these clients do not. */
const again = (ask: () => unknown): void => void setTimeout(ask, 200);
const isOfNetwork = ({ name, message }: Error): boolean =>
  name !== 'CombinedGraphQLErrors' && /fetch|terminated|status|JSON/.test(message);

// biome-ignore lint/suspicious/noExplicitAny: packages that are loaded by their names, where they are installed
type Loaded = any;
const load = (name: string): Promise<Loaded> => import(name);

export const watchers: Readonly<Record<string, (site: Site) => Promise<Watcher>>> = {
  own: async (site) => ownClient(site, false),
  live: async (site) => ownClient(site, true),
  apollo: async (site) => {
    const { ApolloClient, HttpLink, InMemoryCache } = await load('@apollo/client');
    const link = new HttpLink({ uri: urlOf(site), headers: bearer(site), fetch: site.fetch });
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const end = makeReactive(client, { transport: transportOf(site), onError: site.onError });
    return {
      show(query, variables) {
        let shown: unknown;
        const watched = client.watchQuery({ query: document(query), variables, errorPolicy: 'all' });
        const subscription = watched.subscribe(({ data, error }: { data: unknown; error?: Error }) => {
          if (data !== undefined) shown = plain(data);
          if (error && isOfNetwork(error)) again(() => watched.refetch().catch(site.onError));
        });
        return { now: () => shown, stop: () => subscription.unsubscribe() };
      },
      mutate: (mutation, variables) => client.mutate({ mutation: document(mutation), variables, errorPolicy: 'all' }),
      close() {
        end();
        client.stop();
      },
    };
  },
  urql: async (site) => {
    const { Client, cacheExchange, fetchExchange } = await load('@urql/core');
    const reactive = reactiveExchange({ transport: transportOf(site), onError: site.onError });
    const client = new Client({
      ...{ url: urlOf(site), preferGetMethod: false, fetch: site.fetch, fetchOptions: { headers: bearer(site) } },
      exchanges: [cacheExchange, reactive, fetchExchange],
    });
    const stops = new Set<() => void>();
    return {
      show(query, variables) {
        let shown: unknown;
        let unsubscribe = (): void => undefined;
        const begin = (): void => {
          const seen = ({ data, error }: { data: unknown; error?: { networkError?: Error } }): void => {
            if (data != null) shown = plain(data);
            if (error?.networkError) again(() => stops.has(stop) && restart());
          };
          unsubscribe = client.query(document(query), variables).subscribe(seen).unsubscribe;
        };
        const restart = (): void => {
          unsubscribe();
          begin();
        };
        const stop = (): void => {
          if (stops.delete(stop)) unsubscribe();
        };
        begin();
        stops.add(stop);
        return { now: () => shown, stop };
      },
      mutate: (mutation, variables) => client.mutation(document(mutation), variables).toPromise(),
      close() {
        for (const stop of stops) stop();
      },
    };
  },
};
