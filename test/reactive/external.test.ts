/** Row 8: changes that other systems make are told by HTTP (server.test.ts), by GraphQL, or from a change stream. */
import { type ExecutionResult, execute as executeJs, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import {
  createReactive,
  followChanges,
  hasServiceToken,
  invalidateField,
  invalidateTypeDefs,
  memoryVersions,
  type Reactive,
  type VersionStore,
} from '../../src/reactive.ts';
import { maskErrors } from '../../src/server/maskErrors.ts';
import { until } from '../support/until.ts';
import { SERVICE, secrets } from './invalidationServer.ts';

const test = suite('row 8: outside writers');

interface Context {
  readonly authorization?: string;
}

const isAway = { now: false };
test.before.each(() => {
  isAway.now = false;
});

function versionsThatMayFail(): VersionStore {
  const versions = memoryVersions();
  const { invalidate } = versions;
  versions.invalidate = (...args) => {
    if (isAway.now) throw new Error('away');
    return invalidate.apply(versions, args);
  };
  return versions;
}

function open(): { reactive: Reactive; schema: ReturnType<typeof makeSchema> } {
  const schema = makeSchema({
    typeDefs: ['type Query { n: Int } type Mutation { other: Int }', invalidateTypeDefs],
    objects: {
      Mutation: {
        plans: {
          invalidate: invalidateField<Context>({
            invalidator: () => reactive,
            isService: ({ authorization }) => hasServiceToken(authorization, [SERVICE]),
          }),
        },
      },
    },
  });
  const engine = createEngine({ schema });
  const reactive = createReactive({ engine, versions: versionsThatMayFail(), secrets }) as Reactive;
  return { reactive, schema };
}

async function versionOf(reactive: Reactive, key: string): Promise<number> {
  return (await reactive.versions.read([reactive.wireKeys.of(key)])).states[0]?.version ?? 0;
}

const document = parse(
  'mutation ($keys: [String!]!, $once: String) { invalidate(keys: $keys, idempotencyKey: $once) }',
);
const service: Context = { authorization: `Bearer ${SERVICE}` };

const roads: Readonly<Record<string, (world: ReturnType<typeof open>) => typeof executeJs>> = {
  planql: ({ reactive }) => ((args) => reactive.execute(args as never)) as typeof executeJs,
  'planql, errors masked': ({ reactive }) => {
    const functions = { execute: reactive.execute, subscribe: reactive.subscribe };
    return maskErrors(functions as never, { log: () => undefined }).execute as unknown as typeof executeJs;
  },
  'graphql-js': () => executeJs,
};
for (const [name, road] of Object.entries(roads)) {
  test(`a mutation, by ${name} [11.8.10.1]`, async () => {
    const world = open();
    const { reactive, schema } = world;
    const run = async (contextValue: Context, keys: readonly string[], once?: string): Promise<ExecutionResult> =>
      road(world)({ schema, document, contextValue, variableValues: { keys, once } });
    const codeOf = ({ errors, data }: ExecutionResult): unknown => [data ?? null, errors?.[0]?.extensions.code];
    for (const authorization of [undefined, '', SERVICE, 'Bearer ann']) {
      const refused = await run(authorization === undefined ? {} : { authorization }, ['a']);
      assert.equal(codeOf(refused), [null, 'UNAUTHORIZED']);
    }
    assert.is(await versionOf(reactive, 'm:a'), 0, 'nobody else changes anything');
    assert.equal({ ...(await run(service, ['a', 'o:1'])).data }, { invalidate: 2 });
    assert.equal([await versionOf(reactive, 'm:a'), await versionOf(reactive, 'o:1')], [1, 1]);
    const twice = await Promise.all([run(service, ['b'], 'once'), run(service, ['b'], 'once')]);
    assert.equal(
      twice.map(({ data }) => ({ ...data })),
      [{ invalidate: 1 }, { invalidate: 1 }],
    );
    assert.is(await versionOf(reactive, 'm:b'), 1);
    const many = Array.from({ length: 1001 }, String);
    for (const bad of [many, ['a'.repeat(1001)]]) assert.equal(codeOf(await run(service, bad)), [null, 'BAD_REQUEST']);
    assert.equal(
      codeOf(await run(service, ['c'], 'once')),
      [null, 'BAD_REQUEST'],
      'another invalidation, the same name',
    );
    isAway.now = true;
    assert.equal(codeOf(await run(service, ['d'], 'again')), [null, 'VERSIONS_UNAVAILABLE']);
    isAway.now = false;
    assert.equal({ ...(await run(service, ['d'], 'again')).data }, { invalidate: 1 });
    assert.is(await versionOf(reactive, 'm:d'), 1);
  });
}

/** A log of changes that breaks now and then, and is read from a place. */
class ChangeLog {
  readonly entries: string[] = [];
  place = 0;
  opened = 0;
  closed = 0;
  failAfter = Number.POSITIVE_INFINITY;
  #wake = (): void => undefined;

  add(...keys: string[]): void {
    this.entries.push(...keys);
    this.#wake();
  }

  async *read(): AsyncGenerator<string, void, void> {
    this.opened++;
    try {
      for (let at = this.place, given = 0; ; given++) {
        while (at >= this.entries.length) await new Promise<void>((resolve) => (this.#wake = resolve));
        if (given >= this.failAfter) throw new Error('the connection is lost');
        yield this.entries[at++] as string;
      }
    } finally {
      this.closed++;
    }
  }
}

test('a change stream that breaks is opened again, and no change is passed over [11.8.10.2]', async () => {
  const { reactive } = open();
  const log = new ChangeLog();
  log.failAfter = 3;
  const errors: unknown[] = [];
  const controller = new AbortController();
  const done = followChanges(reactive, () => log.read(), {
    keysOf: (key) => [key],
    onTold: () => void log.place++,
    onError: (error) => errors.push(error),
    signal: controller.signal,
  });
  log.add('a', 'b', 'c', 'd', 'e', 'f', 'g');
  await until('all is told', async () => (await versionOf(reactive, 'm:g')) === 1);
  for (const key of 'abcdefg') assert.is(await versionOf(reactive, `m:${key}`), 1, key);
  assert.equal([log.opened, errors.length], [3, 2]);
  controller.abort();
  await done;
});

test('a version store that is away: the change is tried until it is told, in order [11.8.10.2]', async () => {
  const { reactive } = open();
  const log = new ChangeLog();
  const controller = new AbortController();
  const told: string[] = [];
  const options = {
    keysOf: (key: string) => [key],
    onTold: (key: string) => told.push(key),
    signal: controller.signal,
  };
  const done = followChanges(reactive, () => log.read(), options);
  isAway.now = true;
  log.add('a', 'b');
  let attempts = 0;
  const { tell } = reactive;
  reactive.tell = (keys) => {
    attempts++;
    return tell.call(reactive, keys);
  };
  await until('it was tried', () => attempts > 1);
  assert.equal(told, []);
  isAway.now = false;
  await until('it is told', () => told.length === 2);
  assert.equal([told, log.opened], [['a', 'b'], 1]);
  controller.abort();
  await done;
});

test('an abort ends it while it waits for a change, or for the version store; the end of the stream does, too', async () => {
  const { reactive } = open();
  for (const away of [false, true]) {
    isAway.now = away;
    const log = new ChangeLog();
    const controller = new AbortController();
    const done = followChanges(reactive, () => log.read(), { keysOf: (key) => [key], signal: controller.signal });
    if (away) log.add('a');
    await until('it is opened', () => log.opened === 1);
    controller.abort();
    await done;
  }
  isAway.now = false;
  const over = AbortSignal.abort();
  await followChanges(reactive, () => new ChangeLog().read(), { keysOf: () => [], signal: over });
  const few = async function* (): AsyncGenerator<string> {
    yield 'x';
    yield 'y';
  };
  await followChanges(reactive, few, { keysOf: (key) => [key] });
  assert.is(await versionOf(reactive, 'm:y'), 1);
});

test.run();
