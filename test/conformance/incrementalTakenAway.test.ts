import { parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { idle, payloadsOf, schemasOf, sorted } from './incrementalRoads.ts';
import { mergePayloads } from './mergePayloads.ts';
import { allPasses } from './roads.ts';
import { later, laterThrow } from './schemaOf.ts';

const never = (): Promise<never> => new Promise(() => {});

/** An async list that takes some turns. */
async function* slowly(...items: unknown[]): AsyncGenerator {
  for (const item of items) yield await later(item, 2);
}

const schemas = schemasOf(
  /* GraphQL */ `
    type Query { a: A b: A must: A! list: [A] musts: [A!] never: Int slow: Int i: I source: [A] grid: [[A]!] numbers: [[Int!]!] late: [[A]!] }
    type Mutation { a: A b: A never: Int }
    interface I { bang: Int! never: Int n: Int }
    type A implements I {
      n: Int never: Int neverMust: Int! neverA: A neverList: [A]
      numbers: [Int] held: [Int] null: Int! throws: Int! bang: Int! turn: Int! slow: Int
      a: A must: A! list: [A] musts: [A!]
    }
  `,
  (() => {
    const turn = (): Promise<null> => new Promise((resolve) => setImmediate(() => resolve(null)));
    const a = () => ({});
    const two = () => [{}, {}];
    const slow = () => later(1, 5);
    return {
      Query: {
        fields: {
          a,
          b: a,
          must: a,
          list: two,
          musts: two,
          never,
          slow,
          grid: () => [slowly({}, {}), null],
          numbers: () => [slowly(1, 2), later(null, 1), [3]],
          late: () => [[{}, {}], later(slowly({}, {}), 2), later(null, 4), [{}]],
          i: () => ({ __typename: 'A' }),
          async *source() {
            yield* two();
          },
        },
      },
      Mutation: { fields: { a, b: a, never } },
      A: {
        fields: {
          n: () => 1,
          numbers: () => [1, 2],
          held: () => new Map([[Promise.reject(new Error('held')), 1]]).keys(),
          never,
          neverMust: never,
          neverA: never,
          neverList: never,
          null: () => null,
          throws: () => {
            throw new Error('throws');
          },
          bang: () => laterThrow('bang'),
          turn,
          slow,
          a,
          must: a,
          list: two,
          musts: two,
        },
      },
    };
  })(),
);

/** What never comes lies below a null that is known: the response ends without it. */
const operations: readonly string[] = [
  '{ a { n ... @defer { bang never } } }',
  '{ a { n ... @defer { never null } } slow }',
  '{ a { n ... @defer { throws neverA { n } neverList { n } } } }',
  '{ a { n ... @defer { turn neverMust } } b { n } }',
  '{ a { n ... @defer { a { bang never } slow } } }',
  '{ a { n ... @defer { must { bang never } slow } } }',
  '{ a { n ... @defer { musts { turn never } } } slow }',
  '{ a { n ... @defer { bang never a { slow } } ... @defer(label: "b") { slow } } }',
  '{ a { ... @defer(label: "a") { bang never ... @defer(label: "b") { slow } } } }',
  '{ a { bang never } b { n ... @defer { slow } } }',
  '{ a { turn never list @stream { slow } } b { n ... @defer { slow a { bang never } } } }',
  '{ a { a { bang never } ... @defer { slow } } }',
  '{ a { n numbers ... @defer { slow } } b { turn never } }',
  '{ a { list { numbers } ... @defer { numbers } } b { turn never } slow }',
  '{ a { n ... @defer { numbers b: a { turn never } } } }',
  '{ list @stream { numbers a { turn never } } }',
  '{ must { n ... @defer { bang never } } }',
  '{ ... @defer { a { bang never } slow } }',
  '{ list { n ... @defer { bang never } } }',
  '{ list @stream { bang never } }',
  '{ list @stream(initialCount: 1) { turn never } slow }',
  '{ musts @stream { bang never } }',
  '{ musts @stream(initialCount: 1) { n ... @defer { bang never } } }',
  '{ source @stream { bang never } }',
  '{ list @stream { n must { null never } } }',
  '{ list @stream { n a { bang never } ... @defer { slow } } }',
  '{ list @stream { n ... @defer { turn never } } }',
  '{ a { list @stream { bang neverMust } } b { ... @defer { list @stream { bang never } } } }',
  '{ i { n ... @defer { bang never } ... on A { ... @defer(label: "l") { slow } } } }',
  '{ grid @stream { n } }',
  '{ grid @stream { slow } }',
  '{ grid @stream { list { n } } }',
  '{ numbers @stream }',
  '{ numbers @stream(initialCount: 1) }',
  '{ late @stream { n } }',
  '{ late @stream(initialCount: 1) { n numbers } }',
  '{ late @stream { must { slow } } }',
  '{ a { n ... @defer { list { numbers } } } late @stream { n } }',
  '{ a { held @stream null } }',
  '{ must { null } a { held @stream } }',
  '{ a { held @stream null } b { list @stream { slow } } }',
  '{ a { n ... @defer { held @stream null } } }',
  '{ list @stream { held @stream null } }',
  '{ list @stream { must { null } held @stream(initialCount: 1) } }',
  'mutation { a { held @stream null } b { n } }',
  'mutation { a { n ... @defer { bang never } } b { n } }',
  'mutation { a { bang never } b { n ... @defer { slow } } }',
  'mutation { a { n } ... @defer { b { bang never } } }',
  'mutation { a { list @stream { turn never } } b { slow } }',
];

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

const takenAway = suite('what a null has taken away, in later parts');

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It waits for what never comes.')), 1_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

for (const operation of operations) {
  takenAway(`${operation} [R18 4.12.15]`, async () => {
    const given = graphql17.experimentalExecuteIncrementally({
      schema: schemas.reference,
      document: graphql17.parse(operation),
    });
    const expected = mergePayloads(await inTime(payloadsOf(given)));
    await idle();
    rejections.length = 0; // those are graphql-js' own
    const engine = createEngine({ schema: schemas.ours, codegen: 'never' });
    const generated = createEngine({ schema: schemas.ours, codegen: 'always' });
    const bare = createEngine({ schema: schemas.ours, disabledPasses: allPasses });
    const imported = createEngine({ schema: schemas.ours });
    const document = parse(operation);
    imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
    for (const [road, on] of Object.entries({ closures: engine, 'generated code': generated, bare, imported })) {
      for (const enableEarlyExecution of [false, true]) {
        const answer = on.executeIncrementally({ document, enableEarlyExecution });
        const { data, pending, failures } = mergePayloads(await inTime(payloadsOf(answer)));
        const place = `${road}${enableEarlyExecution ? ', early' : ''}`;
        assert.equal(sorted(data), sorted(expected.data), `${place}: data`);
        assert.equal(pending, expected.pending, `${place}: what was pending`);
        assert.equal([...failures.values()].flat().sort(), [...expected.failures.values()].flat().sort(), place);
        await idle();
        assert.equal(rejections.splice(0), [], `${place}: no promise may be left rejected`);
      }
    }
  });
}

takenAway.run();
