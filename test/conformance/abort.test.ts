import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { get } from '../../src/step/get.ts';
import { Step } from '../../src/step/Step.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import { plain } from './roads.ts';
import { later } from './schemaOf.ts';

interface State {
  started: string[];
  aborted: string[];
  begun?: () => void;
}

/** Waits `ms` (forever for -1) and then yields an object; notes when its signal is aborted. */
class WaitStep extends Step {
  static override readonly op = 'test.wait';

  constructor(name: string, ms: number, $source: Step) {
    super();
    this.addDependency($source as never);
    this.params = { name, ms };
  }

  override async execute(count: number, _values: unknown[], { context, signal }: ExecuteExtra): Promise<never> {
    const { name, ms } = this.params as { name: string; ms: number };
    const state = context as State;
    state.started.push(name);
    signal.addEventListener('abort', () => state.aborted.push(name));
    await new Promise((resolve) => {
      if (ms >= 0) setTimeout(resolve, ms);
    });
    return Array.from({ length: count }, () => ({ name })) as never;
  }
}
registerSteps(WaitStep);

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { quick: Item slow: Item never: Item must: Item! list: [Item] resolver: Item function: Item now: Int }
    type Mutation { quick: Item never: Item after: Item }
    type Item { name: String next: Item nextMust: Item! late: String forever: String }
  `,
  objects: {
    Query: {
      plans: {
        quick: () => new WaitStep('quick', 1, constant(1)),
        slow: () => new WaitStep('slow', 250, constant(1)),
        never: () => new WaitStep('never', -1, constant(1)),
        must: () => new WaitStep('must', -1, constant(1)),
        now: () => constant(1),
        resolver: {
          resolve: (_root: unknown, _args: unknown, state: State) => {
            state.started.push('resolver');
            return new Promise(() => {});
          },
        },
      },
    },
    Mutation: {
      plans: {
        quick: () => new WaitStep('m quick', 1, constant(1)),
        never: () => new WaitStep('m never', -1, constant(1)),
        after: () => new WaitStep('m after', 1, constant(1)),
      },
    },
    Item: {
      plans: {
        next: ($item: never) => new WaitStep('next', 1, get($item, 'name' as never)),
        nextMust: ($item: never) => new WaitStep('nextMust', -1, get($item, 'name' as never)),
      },
    },
  },
} as never);

const rootValue = {
  list: () => [{ name: 'a' }, later({ name: 'b' }), new Promise(() => {})],
  function: () => new Promise(() => {}),
};

interface Answered {
  readonly result: { data: unknown; errors?: { message: string; path?: unknown[] }[] };
  readonly state: State;
  readonly ms: number;
}

async function run(operation: string, more: Partial<RequestArgs>, limits = {}): Promise<Answered> {
  const engine = createEngine({ schema, limits });
  const state: State = { started: [], aborted: [] };
  const start = performance.now();
  const result = plain(
    (await engine.execute({ document: parse(operation), contextValue: state, rootValue, ...more })) as ExecutionResult,
  );
  return { result: result as Answered['result'], state, ms: performance.now() - start };
}

/** An abort after a while, and a deadline: both must do the same. */
const ways: Record<string, (ms: number) => Partial<RequestArgs>> = {
  abortSignal: (ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), ms);
    return { abortSignal: controller.signal };
  },
  'abortSignal with a reason': (ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), ms);
    return { abortSignal: controller.signal };
  },
  deadline: (ms) => ({ deadline: Date.now() + ms }),
};

const abort = suite('abort and deadline');

for (const [way, make] of Object.entries(ways)) {
  abort(`${way}: pending fields are errors, finished data is kept, signals are aborted [R13 R15]`, async () => {
    const { result, state, ms } = await run('{ now quick { name } never { name next { name } } }', make(40));
    assert.equal(result.data, { now: 1, quick: { name: 'quick' }, never: null });
    assert.equal(
      result.errors?.map(({ path }) => path),
      [['never']],
    );
    assert.equal(state.started.sort(), ['never', 'quick']);
    assert.ok(state.aborted.includes('never'));
    assert.ok(ms < 1000, `${ms} ms`);
  });

  abort(`${way}: what has not begun never begins [R15]`, async () => {
    const { result, state } = await run(
      '{ quick { name next { next { name } } } slow { next { name } } never { next { name } } }',
      make(100),
    );
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(result.data, { quick: { name: 'quick', next: { next: { name: 'next' } } }, slow: null, never: null });
    assert.equal(state.started.sort(), ['never', 'next', 'next', 'quick', 'slow']);
  });

  abort(`${way}: a required field that is pending bubbles`, async () => {
    const { result } = await run('{ now must { name } }', make(10));
    assert.is(result.data, null);
    assert.equal(result.errors?.[0]?.path, ['must']);
    const inner = await run('{ now quick { name nextMust { name } } }', make(30));
    assert.equal(inner.result.data, { now: 1, quick: null });
  });

  abort(`${way}: resolvers and values that never settle [R13]`, async () => {
    const { result } = await run('{ now resolver { name } function { name } list { name } }', make(30));
    assert.equal((result.data as { now: number }).now, 1);
    assert.is((result.data as { resolver: null }).resolver, null);
    assert.is((result.data as { function: null }).function, null);
  });

  abort(`${way}: later mutation fields do not begin [R15 R19]`, async () => {
    const { result, state } = await run('mutation { quick { name } never { name } after { name } }', make(30));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(state.started, ['m quick', 'm never']);
    assert.equal(result.data, { quick: { name: 'm quick' }, never: null, after: null });
    assert.equal(
      result.errors?.map(({ path }) => path),
      [['never'], ['after']],
    );
  });
}

abort('an aborted signal: nothing begins [R15]', async () => {
  const { result, state } = await run('{ now quick { name } }', {
    abortSignal: AbortSignal.abort(new Error('before')),
  });
  assert.equal(state.started, []);
  assert.is((result.data as { quick: unknown } | null)?.quick ?? null, null);
  assert.match(result.errors?.[0]?.message ?? '', 'before');
});

abort('the reason of the abort is the message', async () => {
  const { result } = await run(
    '{ never { name } }',
    (ways['abortSignal with a reason'] as (ms: number) => Partial<RequestArgs>)(5),
  );
  assert.is(result.errors?.[0]?.message, 'enough');
});

abort('limits.executionMs is a deadline of every request', async () => {
  const { result, state } = await run('{ now never { name } }', {}, { executionMs: 20 });
  assert.equal(result.data, { now: 1, never: null });
  assert.match(result.errors?.[0]?.message ?? '', /deadline/);
  assert.equal(state.aborted, ['never']);
});

abort('a request that ends in time is not touched, and leaves no timer', async () => {
  const controller = new AbortController();
  const { result, state } = await run('{ now quick { name } }', {
    abortSignal: controller.signal,
    deadline: Date.now() + 60_000,
  });
  assert.equal(result, { data: { now: 1, quick: { name: 'quick' } } });
  controller.abort();
  assert.equal(state.aborted, []);
});

abort.run();
