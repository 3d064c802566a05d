/** Lists that nobody reads further are closed: among them two cases of graphql-js 17's suite. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type Engine, incrementalTypeDefs, makeSchema } from '../../src/index.ts';
import { payloadsOf, slowly } from './incrementalRoads.ts';
import { mergePayloads } from './mergePayloads.ts';

interface Row {
  readonly id?: string;
  readonly nonNull?: unknown;
}

/** A list that counts how often it is closed, and never ends by itself. */
class Source {
  closed = 0;
  read = 0;
  readonly #rows: readonly Row[];
  readonly #returned: () => Promise<unknown>;

  constructor(rows: readonly Row[], returned: () => Promise<unknown> = async () => ({ done: true })) {
    this.#rows = rows;
    this.#returned = returned;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return {
      next: async () => {
        const value = this.#rows[this.read++];
        return value === undefined ? await new Promise(() => {}) : { done: false, value };
      },
      return: () => {
        this.closed++;
        return this.#returned() as Promise<IteratorResult<unknown>>;
      },
    };
  }
}

const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    'type Query { nested: Nested rows: [Row] strict: [Row!] } type Nested { must: String! deep: Deep } type Deep { must: String! rows: [Row] } type Row { id: ID nonNull: String! }',
  ],
});
const later = async <T>(value: T): Promise<T> => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  return value;
};
const engines: Readonly<Record<string, Engine>> = {
  closures: createEngine({ schema, codegen: 'never' }),
  'generated code': createEngine({ schema, codegen: 'always' }),
};

/** How an answer is taken: whole, by a slow client, or with parts that begin early. */
const ways = { 'at once': false, slowly: true };

const test = suite('lists that nobody reads further');
for (const [road, engine] of Object.entries(engines)) {
  for (const [way, isSlow] of Object.entries(ways)) {
    for (const enableEarlyExecution of [false, true]) {
      const ask = async (text: string, rootValue: unknown): Promise<unknown> => {
        const given = engine.executeIncrementally({ document: parse(text), rootValue, enableEarlyExecution });
        const { data } = mergePayloads(await payloadsOf(isSlow ? slowly(given) : given));
        return JSON.parse(JSON.stringify(data));
      };
      const name = `${road}, ${way}${enableEarlyExecution ? ', early' : ''}`;

      test(`a stream whose object becomes null is closed, and its errors are not told: ${name} [8.5.2 R27]`, async () => {
        const source = new Source([{ id: '1' }], () => Promise.reject(new Error('It does not close.')));
        const deep = { must: () => later(null), rows: () => source };
        const text = '{ nested { ... @defer { deep { must rows @stream(initialCount: 0) { id } } } } }';
        assert.equal(await ask(text, { nested: { deep } }), { nested: { deep: null } });
        assert.is(source.closed, 1);
      });

      test(`a stream whose deferred part becomes null is closed: ${name} [8.5.2]`, async () => {
        const source = new Source([{ id: '1' }]);
        const nested = { must: () => later(null), deep: { must: 'x', rows: () => source } };
        const text = '{ nested { ... @defer { must deep { rows @stream(initialCount: 0) { id } } } } }';
        assert.equal(await ask(text, { nested }), { nested: {} });
        assert.is(source.closed, 1);
      });

      for (const [when, bad] of [
        ['at once', () => Promise.reject(new Error('It fails.'))],
        ['later', () => later(null)],
      ] as const) {
        test(`an item that must not be null ends its stream, which is closed: ${when}, ${name} [8.4.2]`, async () => {
          const source = new Source([
            { id: '1', nonNull: 'a' },
            { id: '2', nonNull: bad },
          ]);
          const text = '{ strict @stream(initialCount: 1) { nonNull } }';
          assert.equal(await ask(text, { strict: () => source }), { strict: [{ nonNull: 'a' }] });
          assert.is(source.closed, 1);
        });
      }
    }
  }
}

test.run();
