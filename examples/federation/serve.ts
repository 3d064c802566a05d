import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { createEngine } from 'planql';
import { usePlanql } from 'planql/server';

export interface Service {
  readonly name: string;
  readonly url: string;
  close(): void;
}

/** Serves a subgraph on a free port. `contextOf` makes the context of a request, by who asks. */
export async function serve(
  name: string,
  schema: GraphQLSchema,
  contextOf: (viewer: string | null) => object = () => ({}),
): Promise<Service> {
  const context = ({ request }: { readonly request: Request }): object => contextOf(request.headers.get('x-viewer'));
  const yoga = createYoga({ schema, context, plugins: [usePlanql(createEngine({ schema }))], graphiql: false });
  const server = createServer(yoga);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${port}/graphql`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
