/** Objects that are loaded ahead of their turn may hold lists that give their items once. */
import { type DocumentNode, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  constant,
  createEngine,
  type Engine,
  incrementalTypeDefs,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';
import { payloadsOf } from '../conformance/incrementalRoads.ts';
import { mergePayloads } from '../conformance/mergePayloads.ts';

let reads: number[] = [];
let loads = 0;

function* upTo(end: number): Generator<number> {
  for (let n = 1; n <= end; n++) {
    reads.push(n);
    yield n;
  }
}

interface Context {
  readonly late: object | null;
}

const lates = loader({
  name: 'aheadLists.late',
  async load(keys: readonly unknown[], { context: { late } }: { readonly context: Context }) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return keys.map(() => late);
  },
});
const rows = loader({
  name: 'aheadLists.rows',
  async load(keys: readonly unknown[]) {
    loads++;
    return keys.map(() => ({
      ns: upTo(3),
      later: Promise.resolve(upTo(2)),
      endless: upTo(Infinity),
      u: { ns: upTo(1) },
    }));
  },
});
const lists = loader({ name: 'aheadLists.lists', load: async (keys: readonly unknown[]) => keys.map(() => upTo(4)) });
const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    'type Query { late: Late } type Late { row: Row ns: [Int] } type Row { ns: [Int] later: [Int] endless: [Int] u: Row }',
  ],
  objects: {
    Query: { plans: { late: () => loadOne(constant(1), lates as never) } },
    Late: {
      plans: {
        row: () => loadOne(constant(1), rows as never),
        ns: () => loadMany(constant(1), lists as never),
      },
    },
  },
});

const test = suite('lists in objects that are loaded ahead');
const engines: Readonly<Record<string, Engine>> = {
  closures: createEngine({ schema, codegen: 'never' }),
  'generated code': createEngine({ schema, codegen: 'always' }),
};

async function answerOf(engine: Engine, document: DocumentNode, late: object | null): Promise<unknown> {
  reads = [];
  loads = 0;
  const { data } = await engine.execute({ document, contextValue: { late } });
  return JSON.parse(JSON.stringify(data));
}

for (const [road, engine] of Object.entries(engines)) {
  test(`iterators are read once, in objects that are needed and in those that are not, by ${road} [10.4.4]`, async () => {
    const document = parse('{ late { ns row { ns again: ns later u { ns } } } }');
    assert.equal(await answerOf(engine, document, {}), {
      late: { ns: [1, 2, 3, 4], row: { ns: [1, 2, 3], again: [1, 2, 3], later: [1, 2], u: { ns: [1] } } },
    });
    const once = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4];
    assert.equal(reads.toSorted(), once);
    assert.is(loads, 1);
    assert.equal(await answerOf(engine, document, null), { late: null });
    assert.equal(reads.toSorted(), once);
  });

  test(`what the plan does not read stays unread, by ${road} [10.4.4]`, async () => {
    assert.equal(await answerOf(engine, parse('{ late { row { ns } } }'), {}), { late: { row: { ns: [1, 2, 3] } } });
    assert.equal(reads, [1, 2, 3]);
  });
}

test('a stream of a list without end is read ahead in part, and goes on from there [10.4.4]', async () => {
  const document = parse('{ late { row { endless @stream(initialCount: 2) ns } } }');
  reads = [];
  const result = await engines.closures?.executeIncrementally({ document, contextValue: { late: {} } });
  assert.ok(result !== undefined && 'initialResult' in result);
  const { data } = result.initialResult;
  assert.equal(JSON.parse(JSON.stringify(data)), { late: { row: { endless: [1, 2], ns: [1, 2, 3] } } });
  const { value } = await result.subsequentResults.next();
  assert.ok(value);
  const { incremental = [] } = value;
  const items = incremental.flatMap((one) => ('items' in one ? one.items : []));
  assert.equal(items.slice(0, 3), [3, 4, 5]);
  await result.subsequentResults.return(undefined as never);
});

test('streams and deferred parts of lists that were read ahead have all items [10.4.4]', async () => {
  const document = parse('{ late { row { ns @stream(initialCount: 1) ... @defer { later u { ns } } } } }');
  const given = engines.closures?.executeIncrementally({ document, contextValue: { late: {} } });
  assert.equal(mergePayloads(await payloadsOf(given)).data, {
    late: { row: { ns: [1, 2, 3], later: [1, 2], u: { ns: [1] } } },
  });
});

test.run();
