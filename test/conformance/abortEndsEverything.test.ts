import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { get } from '../../src/step/get.ts';
import { lambda } from '../../steps/index.ts';
import { allPasses } from './roads.ts';

/** What a request does: promises that never settle, and lists that never end. */
interface State {
  pulled: number;
  closed: number;
  opened: number;
}

const never = (): Promise<never> => new Promise(() => {});

/** A promise that comes some turns of the event loop later, so that one follows the other after the abort. */
function afterTurns<T>(turns: number, value: () => T): Promise<T> {
  return new Promise((resolve) => {
    const wait = (left: number): unknown => (left === 0 ? resolve(value()) : setTimeout(() => wait(left - 1), 1));
    wait(turns);
  });
}

/** A list without an end. It notes what is read of it and whether somebody closes it. */
function endless(state: State, make: (index: number) => unknown): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      state.opened++;
      let index = 0;
      return {
        async next() {
          state.pulled++;
          return { value: make(index++), done: false };
        },
        async return() {
          state.closed++;
          return { value: undefined, done: true as const };
        },
      };
    },
  };
}

const lists: Readonly<Record<string, (state: State) => unknown>> = {
  grid: () => [[never(), { name: 'x' }], never()],
  gridLate: () => [afterTurns(100, () => [never(), { name: 'x' }]), never()],
  cubes: () => [[[never(), { name: 'x' }], never()], never()],
  rows: () => [never(), { name: 'x' }, later()],
  endless: (state) => endless(state, (index) => ({ name: `${index}` })),
  endlessRows: (state) => [never(), endless(state, () => ({ name: 'x' }))],
  endlessLate: (state) => afterTurns(100, () => endless(state, () => ({ name: 'x' }))),
  endlessOfPromises: (state) => endless(state, never),
};

const later = (): Promise<unknown> => afterTurns(100, () => ({ name: 'late', next: never() }));

const typeOf: Readonly<Record<string, string>> = {
  grid: '[[Item]]',
  gridLate: '[[Item]]',
  cubes: '[[[Item]]]',
  rows: '[Item]',
  endless: '[Item]',
  endlessRows: '[[Item]]',
  endlessLate: '[Item]',
  endlessOfPromises: '[Item]',
};

const fields = Object.keys(lists);

const schema = makeSchema({
  typeDefs: `
    type Query { now: Int ${fields.map((name) => `${name}: ${typeOf[name]}`).join(' ')} }
    type Item { name: String resolved: String planned: String slow: String next: Item }
  `,
  objects: {
    Query: {
      plans: Object.fromEntries(
        fields.map((name) => [
          name,
          { resolve: (_root: unknown, _args: unknown, state: State) => lists[name]?.(state) },
        ]),
      ),
    },
    Item: {
      plans: {
        resolved: { resolve: ({ name }: { name: string }) => name.toUpperCase() },
        planned: ($item) => lambda(get($item, 'name'), (name) => `${name}!`),
        slow: { resolve: never },
      },
    },
  },
});

const selections = ['name', 'resolved', 'planned', 'slow', 'name next { name }', 'resolved next { planned }'];

const endings: Readonly<Record<string, () => Partial<RequestArgs>>> = {
  'a deadline': () => ({ deadline: Date.now() + 20 }),
  'a deadline that has passed': () => ({ deadline: Date.now() - 1 }),
  'an abort': () => ({ abortSignal: AbortSignal.timeout(20) }),
  'an abort before the request': () => ({ abortSignal: AbortSignal.abort(new Error('enough')) }),
};

const closures = createEngine({ schema, codegen: 'never' });
const generated = createEngine({ schema, codegen: 'always' });
const bare = createEngine({ schema, disabledPasses: allPasses });

const roads: Readonly<Record<string, (args: RequestArgs) => unknown>> = {
  closures: (args) => closures.execute(args),
  'generated code': (args) => generated.execute(args),
  'no passes': (args) => bare.execute(args),
  text: (args) => closures.executeToString(args),
  bytes: (args) => generated.executeToBuffer(args),
  chunks: (args) => all(generated.executeToChunks(args)),
  'later parts': async (args) => {
    const response = await closures.executeIncrementally(args);
    if ('subsequentResults' in response) await all(response.subsequentResults);
  },
  payloads: (args) => all(closures.executeToPayloads(args)),
};

async function all(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const _part of parts);
}

/** Far more than any of these requests may take, and less than the suite's own limit. */
const HANGS = 3_000;

async function ends(given: unknown): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), HANGS);
  });
  const end = Promise.resolve(given).then(
    () => true,
    () => true,
  );
  const ended = await Promise.race([end, limit]);
  clearTimeout(timer);
  return ended;
}

const test = suite('an abort or deadline ends every response');

function shape(type: string | undefined, selection: string): string {
  return `{ now list: ${type} { ${selection} } }`;
}

for (const [road, execute] of Object.entries(roads)) {
  for (const [ending, args] of Object.entries(endings)) {
    test(`${road}, by ${ending} [R15 R27]`, async () => {
      const requests = fields.flatMap((field) => selections.map((selection) => ({ field, selection })));
      await Promise.all(
        requests.map(async ({ field, selection }) => {
          const state: State = { pulled: 0, closed: 0, opened: 0 };
          const document = parse(shape(field, selection));
          const ended = await ends(execute({ document, contextValue: state, onAbort: 'RESPOND', ...args() }));
          assert.ok(ended, `${field} { ${selection} } hangs`);
          // A step that was still to give its list may give it after the response.
          await afterTurns(field.endsWith('Late') ? 110 : 5, () => null);
          const { pulled, opened, closed } = state;
          assert.is(closed, opened, `${field} { ${selection} }: ${opened} lists were opened, ${closed} closed`);
          await afterTurns(3, () => null);
          assert.is(state.pulled, pulled, `${field} { ${selection} } is read on`);
        }),
      );
    });
  }
}

test('items that are not there at the deadline are errors, what is there is served [R15]', async () => {
  const document = parse('{ now grid { resolved } }');
  const { data, errors } = (await closures.execute({ document, deadline: Date.now() + 20 })) as ExecutionResult;
  assert.equal(JSON.parse(JSON.stringify(data)), { now: null, grid: [[null, { resolved: null }], null] });
  assert.equal(errors?.map(({ path }) => path).slice(-1), [['grid', 1]]);
});

test.run();
