import { createRequire } from 'node:module';
import type { Service } from './serve.ts';

// Apollo's gateway is CommonJS, and must share one copy of graphql with its server.
const require = createRequire(import.meta.url);
const { ApolloServer }: typeof import('@apollo/server') = require('@apollo/server');
const { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource }: typeof import('@apollo/gateway') =
  require('@apollo/gateway');

export interface Gateway {
  /** Runs a query as a viewer. Yields its data and errors as JSON. */
  ask(query: string, viewer?: string): Promise<string>;
  /** The names of the subgraphs that were asked since the last time. */
  takeAsked(): readonly string[];
  close(): Promise<void>;
}

/** Apollo's gateway before some subgraphs: it asks them for their SDL, composes a schema, and tells them who asks. */
export async function openGateway(services: readonly Service[]): Promise<Gateway> {
  let asked: string[] = [];
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({ subgraphs: services.map(({ name, url }) => ({ name, url })) }),
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource<{ viewer?: string }>({
        url: url ?? '',
        willSendRequest({ request, context }) {
          if (context.viewer === undefined) return; // composition
          asked.push(name);
          request.http?.headers.set('x-viewer', context.viewer);
        },
      }),
    logger: { debug() {}, info() {}, warn: console.warn, error: console.error },
  });
  const server = new ApolloServer<{ viewer?: string }>({ gateway });
  await server.start();
  return {
    async ask(query, viewer = '') {
      const { body } = await server.executeOperation({ query }, { contextValue: { viewer } });
      const { data, errors } = body.kind === 'single' ? body.singleResult : body.initialResult;
      return JSON.stringify({ data, errors });
    },
    takeAsked() {
      const taken = asked;
      asked = [];
      return taken;
    },
    close: () => server.stop(),
  };
}
