import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import Fastify from 'fastify';
import { type DocumentNode, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { createEngine } from '../../src/index.ts';
import { usePlanql } from '../../src/server.ts';
import type { Answer } from '../contenders/Contender.ts';
import { contenderNamed } from '../contenders/index.ts';
import { Loaders, loading } from '../contenders/loaders.ts';
import { planSchema } from '../contenders/planql.ts';
import { resolverSchema } from '../contenders/resolverSchema.ts';
import type { Store, Variables, Workload } from '../Workload.ts';

/** What answers over HTTP: a server, and the program behind it. */
export interface Served {
  readonly title: string;
  start(workload: Workload, store: Store): Promise<RequestListener>;
}

interface Body {
  readonly query: string;
  readonly variables: Variables;
}

/** `node:http` with nothing around: documents are kept, as all servers keep them. */
function bare(contender: string): Served['start'] {
  return async (workload, store) => {
    const answer = (await contenderNamed(contender)).prepare(workload, store);
    if (answer === null) throw new Error(`${contender} does not answer ${workload.name}.`);
    const documentOf = documents();
    return async (request, response) => {
      const { query, variables } = JSON.parse(await textOf(request)) as Body;
      send(response, await answer(documentOf(query), variables));
    };
  };
}

function documents(): (text: string) => DocumentNode {
  const known = new Map<string, DocumentNode>();
  return (text) => {
    let document = known.get(text);
    if (document === undefined) {
      document = parse(text);
      known.set(text, document);
    }
    return document;
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, answer: Awaited<ReturnType<Answer>>): void {
  const length = typeof answer === 'string' ? Buffer.byteLength(answer) : answer.byteLength;
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length });
  response.end(answer);
}

function yoga(responses: 'objects' | 'bytes'): Served['start'] {
  return async (workload, store) => {
    const schema = planSchema(workload);
    const plugins = [usePlanql(createEngine({ schema }), { responses })];
    return createYoga({ schema, plugins, context: () => ({ ...store }), logging: false, graphiql: false });
  };
}

/** Yoga copies the properties of a context: the loaders are one of them. */
async function yogaOfResolvers(workload: Workload, store: Store): Promise<RequestListener> {
  const schema = resolverSchema(workload, (relation) => {
    const load = loading(relation);
    return (source, args, { loaders }, info) => load(source, args, loaders, info);
  });
  return createYoga({ schema, context: () => ({ loaders: new Loaders(store) }), logging: false, graphiql: false });
}

async function fastify(workload: Workload, store: Store): Promise<RequestListener> {
  const schema = planSchema(workload);
  const engine = createEngine({ schema });
  const app = Fastify();
  app.post<{ Body: Body }>('/graphql', async ({ body: { query, variables: variableValues } }, reply) => {
    const document = engine.document(query);
    if (!('kind' in document)) return { errors: document };
    const bytes = await engine.executeToBuffer({ document, variableValues, contextValue: store });
    return reply.type('application/json; charset=utf-8').send(bytes);
  });
  await app.ready();
  return app.routing;
}

/** By name; the first is the baseline. */
export const servers: Readonly<Record<string, Served>> = {
  'hand-bytes': { title: 'by hand, node:http', start: bare('hand-bytes') },
  planql: { title: 'planql, bytes, node:http', start: bare('planql') },
  'planql-objects': { title: 'planql, objects + JSON.stringify, node:http', start: bare('planql-objects') },
  'planql-fastify': { title: 'planql, bytes, Fastify', start: fastify },
  'planql-yoga-bytes': { title: 'planql, bytes, Yoga', start: yoga('bytes') },
  'planql-yoga': { title: 'planql, objects, Yoga', start: yoga('objects') },
  dataloader: { title: 'graphql-js + DataLoader, node:http', start: bare('dataloader') },
  'dataloader-yoga': { title: 'graphql-js + DataLoader, Yoga', start: yogaOfResolvers },
};
