import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { createYoga } from 'graphql-yoga';
import { createEngine, type Engine, makeSchema } from 'planql';
import { fileDocumentStore } from 'planql/plan-stores';
import { apolloDocuments, planqlGateway, usePlanql } from 'planql/server';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { documentChannel } from '../../src/telemetry/channels.ts';
import { sha256Hex } from '../../src/utils/sha256.ts';
import { closeHttp, listenHttp } from './httpServer.ts';

const documents = suite('trusted documents');

const schema = makeSchema({
  typeDefs: 'type Query { hello(name: String = "you"): String, secret: String }',
  objects: { Query: { plans: { hello: (_root, { $name }) => $name, secret: { resolve: () => 'told' } } } },
});

const HELLO = 'query Hello($name: String) { hello(name: $name) }';
const SECRET = '{ secret }';
const ID = sha256Hex(HELLO);

let folder = '';
let file = '';
documents.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'planql-documents-'));
  file = join(folder, 'documents.json');
  write({ [ID]: HELLO });
});
documents.after.each(() => rmSync(folder, { recursive: true, force: true }));

function write(texts: object): void {
  writeFileSync(file, JSON.stringify(texts));
}

const engineWith = (onlyKnown = true): Engine =>
  createEngine({ schema, documents: { store: fileDocumentStore({ file, checkMs: 0 }), onlyKnown } });

const persisted = { persistedQuery: { version: 1, sha256Hash: ID } };

async function ask(url: string, body: object): Promise<ExecutionResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'apollo-require-preflight': '1' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as ExecutionResult;
}

const codeOf = ({ errors }: ExecutionResult): unknown => errors?.[0]?.extensions?.code;

/** Known ids are answered, and the known text; unknown ids and texts are not. */
async function assertTrusted(
  url: string,
  ids: readonly object[],
  unknownId = 'PERSISTED_QUERY_NOT_IN_LIST',
): Promise<void> {
  for (const params of [...ids, { query: HELLO }]) {
    assert.equal(
      (await ask(url, { ...params, variables: { name: 'Ada' } })).data,
      { hello: 'Ada' },
      JSON.stringify(params),
    );
  }
  const wrong = { persistedQuery: { version: 1, sha256Hash: 'f'.repeat(64) } };
  assert.is(codeOf(await ask(url, { extensions: wrong })), unknownId);
  assert.is(codeOf(await ask(url, { query: SECRET })), 'QUERY_NOT_IN_SAFELIST');
  // What the parser would refuse is refused before.
  assert.is(codeOf(await ask(url, { query: '{ {{ no GraphQL' })), 'QUERY_NOT_IN_SAFELIST');
  const both = { query: SECRET, extensions: { persistedQuery: { version: 1, sha256Hash: sha256Hex(SECRET) } } };
  assert.ok(codeOf(await ask(url, both)) !== undefined);
}

documents('an engine finds documents by the ids of Apollo and Relay', async () => {
  const engine = engineWith();
  for (const params of [{ id: ID }, { doc_id: ID }, { documentId: ID }, { extensions: persisted }, { query: HELLO }]) {
    assert.is(engine.sourceOf(params), HELLO);
  }
  const document = engine.documentOf({ id: ID });
  assert.ok('kind' in document);
  assert.is(engine.documentOf({ id: ID }), document);
  assert.equal((await engine.execute({ document })).data, { hello: 'you' });
});

documents('unknown documents are refused before they are parsed, on every road', async () => {
  const engine = engineWith();
  let parsed = 0;
  const stop = documentChannel.listen(() => parsed++);
  const refused = [engine.document(SECRET), engine.documentOf({ query: SECRET }), engine.documentOf({ id: 'x' })];
  assert.equal(
    refused.map((found) => Array.isArray(found) && found[0] instanceof GraphQLError),
    [true, true, true],
  );
  assert.is(parsed, 0);
  stop();
  const document = parse(SECRET);
  assert.is(codeOf(await engine.execute({ document })), 'QUERY_NOT_IN_SAFELIST');
  assert.match(await engine.executeToString({ document }), 'QUERY_NOT_IN_SAFELIST');
  assert.match(JSON.stringify(await engine.executeIncrementally({ document })), 'QUERY_NOT_IN_SAFELIST');
  assert.match(JSON.stringify(await engine.subscribe({ document })), 'QUERY_NOT_IN_SAFELIST');
  assert.throws(() => engine.prepare(document), /runs the documents that it knows/);
  assert.throws(() => engine.cost({ document }), /runs the documents that it knows/);
  // A text that a server has parsed is known by its text; one without a text is not.
  assert.is((await engine.execute({ document: parse(HELLO) })).errors, undefined);
  assert.is(codeOf(await engine.execute({ document: parse(HELLO, { noLocation: true }) })), 'QUERY_NOT_IN_SAFELIST');
});

documents('without onlyKnown, ids are known and any text runs', async () => {
  const engine = engineWith(false);
  assert.is(engine.sourceOf({ id: ID }), HELLO);
  assert.is(engine.sourceOf({ query: SECRET }), SECRET);
  assert.ok(engine.sourceOf({ id: 'unknown' }) instanceof GraphQLError);
  assert.is(engine.sourceOf({ id: 'unknown', query: SECRET }), SECRET);
  assert.ok(engine.sourceOf({}) instanceof GraphQLError);
});

documents('a changed file is read without a restart; a broken one changes nothing', async () => {
  const problems: Error[] = [];
  const store = fileDocumentStore({ file, checkMs: 0, onError: (error) => problems.push(error) });
  const engine = createEngine({ schema, documents: { store, onlyKnown: true } });
  const known = engine.documentOf({ id: ID });
  assert.is(codeOf(await engine.execute({ document: parse(SECRET) })), 'QUERY_NOT_IN_SAFELIST');
  write({ secret: SECRET });
  assert.equal((await engine.execute({ document: parse(SECRET) })).data, { secret: 'told' });
  assert.is(codeOf(await engine.execute({ document: known as never })), 'QUERY_NOT_IN_SAFELIST');
  writeFileSync(file, '{ half of');
  assert.is(engine.sourceOf({ id: 'secret' }), SECRET);
  assert.match(String(problems[0]?.message), 'cannot be read');
  write({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: 'a', body: HELLO, name: 'Hello', type: 'query' }],
  });
  assert.is(engine.sourceOf({ id: 'a' }), HELLO);
  assert.throws(() => fileDocumentStore({ file: join(folder, 'none.json') }), /cannot be read/);
  write({ wrong: 1 });
  assert.throws(() => fileDocumentStore({ file }), /texts by id/);
});

documents('names of objects are no ids', () => {
  const engine = engineWith();
  for (const id of ['__proto__', 'constructor', 'toString', '']) {
    assert.ok(engine.sourceOf({ id }) instanceof GraphQLError, id);
  }
});

documents('GraphQL Yoga, with the plugin of planql alone', async () => {
  const plugins = [usePlanql(engineWith())];
  const yoga = createYoga({ schema, plugins, extraParamNames: ['id', 'doc_id', 'documentId'], logging: false });
  const { server, url } = await listenHttp(yoga);
  await assertTrusted(url, [{ id: ID }, { doc_id: ID }, { documentId: ID }, { extensions: persisted }]);
  await closeHttp(server);
});

documents('GraphQL Yoga: ids in the URL of a GET', async () => {
  const yoga = createYoga({ schema, plugins: [usePlanql(engineWith())], logging: false });
  const get = async (params: Record<string, string>) => {
    const headers = { accept: 'application/json' };
    const response = await yoga.fetch(`http://x/graphql?${new URLSearchParams(params)}`, { headers });
    return response.text();
  };
  for (const name of ['id', 'doc_id', 'documentId']) {
    assert.match(await get({ [name]: ID, variables: '{"name":"Ada"}' }), '{"data":{"hello":"Ada"}}', name);
    assert.match(await get({ [name]: '__proto__' }), 'PERSISTED_QUERY_NOT_IN_LIST', name);
  }
  assert.match(await get({ extensions: JSON.stringify(persisted) }), '{"data":{"hello":"you"}}');
  assert.match(await get({ id: ID, query: SECRET }), 'QUERY_NOT_IN_SAFELIST');
  assert.match(await get({}), 'errors');
});

documents("GraphQL Yoga, with Yoga's plugin of persisted operations", async () => {
  const engine = engineWith();
  const persistedOperations = usePersistedOperations({
    getPersistedOperation(id) {
      const source = engine.sourceOf({ id });
      return typeof source === 'string' ? source : null;
    },
  });
  const yoga = createYoga({ schema, plugins: [persistedOperations, usePlanql(engine)], logging: false });
  const { server, url } = await listenHttp(yoga);
  assert.equal((await ask(url, { extensions: persisted })).data, { hello: 'you' });
  assert.ok((await ask(url, { query: SECRET })).errors);
  await closeHttp(server);
});

documents('Apollo Server', async () => {
  const engine = engineWith();
  const server = new ApolloServer({
    gateway: planqlGateway({ schema, functions: engine }),
    ...apolloDocuments(engine),
    stopOnTerminationSignals: false,
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  await assertTrusted(url, [{ extensions: persisted }], 'PERSISTED_QUERY_NOT_FOUND');
  await server.stop();
});

documents('graphql-http', async () => {
  const engine = engineWith();
  const handler = createHandler({
    schema,
    execute: engine.execute as never,
    async onSubscribe(_request, params) {
      const document = engine.documentOf(params);
      return 'kind' in document
        ? { schema, document, operationName: params.operationName, variableValues: params.variables }
        : document;
    },
  });
  const { server, url } = await listenHttp(handler as never);
  assert.equal((await ask(url, { query: HELLO })).data, { hello: 'you' });
  assert.is(codeOf(await ask(url, { query: SECRET })), 'QUERY_NOT_IN_SAFELIST');
  await closeHttp(server);
});

documents.run();
