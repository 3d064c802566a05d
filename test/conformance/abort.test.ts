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
import { at, lambda, listLength, reverse } from '../../steps/index.ts';
import { plain } from './roads.ts';
import { later } from './schemaOf.ts';

interface State {
  readonly started: string[];
  readonly ended: string[];
  readonly aborted: string[];
  /** Tells that a step has ended. */
  onEnd(): void;
  /** Ends the steps that end late. */
  readonly late: Promise<void>;
}

/** Yields an object: soon, late (when the test says so), or never. Notes when its signal is aborted. */
class WaitStep extends Step {
  static override readonly op = 'test.wait';

  constructor(name: string, when: 'soon' | 'late' | 'never', $source: Step) {
    super();
    this.addDependency($source as never);
    this.params = { name, when };
  }

  override async execute(count: number, _values: unknown[], { context, signal }: ExecuteExtra): Promise<never> {
    const { name, when } = this.params as { name: string; when: string };
    const state = context as State;
    state.started.push(name);
    signal.addEventListener('abort', () => state.aborted.push(name));
    if (when === 'never') await new Promise(() => {});
    else if (when === 'late') await state.late;
    else await sleep(1);
    state.ended.push(name);
    state.onEnd();
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
        quick: () => new WaitStep('quick', 'soon', constant(1)),
        slow: () => new WaitStep('slow', 'late', constant(1)),
        never: () => new WaitStep('never', 'never', constant(1)),
        must: () => new WaitStep('must', 'never', constant(1)),
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
        quick: () => new WaitStep('m quick', 'soon', constant(1)),
        never: () => new WaitStep('m never', 'never', constant(1)),
        after: () => new WaitStep('m after', 'soon', constant(1)),
      },
    },
    Item: {
      plans: {
        next: ($item: never) => new WaitStep('next', 'soon', get($item, 'name' as never)),
        nextMust: ($item: never) => new WaitStep('nextMust', 'never', get($item, 'name' as never)),
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
  /** Ends what ends late. */
  readonly release: () => void;
}

/** How a request is ended: `settled` says when all that can end has ended. */
type Way = (settled: Promise<void>) => Partial<RequestArgs>;

/** Runs an operation; `ends` of its steps end by themselves. */
async function run(operation: string, way: Way, ends = 0, limits = {}): Promise<Answered> {
  const engine = createEngine({ schema, limits });
  let release = (): void => {};
  const late = new Promise<void>((resolve) => {
    release = resolve;
  });
  let onEnd = (): void => {};
  const settled = new Promise<void>((resolve) => {
    onEnd = () => {
      if (state.ended.length >= ends) sleep(1).then(resolve); // what they lead to is under way by then
    };
  });
  const state: State = { started: [], ended: [], aborted: [], late, onEnd };
  if (ends === 0) onEnd();
  const args = {
    document: parse(operation),
    contextValue: state,
    rootValue,
    onAbort: 'RESPOND' as const,
    ...way(settled),
  };
  const result = plain((await engine.execute(args)) as ExecutionResult);
  return { result: result as Answered['result'], state, release };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function abortAfter(reason?: Error): Way {
  return (settled) => {
    const controller = new AbortController();
    settled.then(() => controller.abort(reason));
    return { abortSignal: controller.signal };
  };
}

/** An abort when what can end has ended, and a deadline by which it surely has: both must do the same. */
const ways: Record<string, Way> = {
  abortSignal: abortAfter(),
  'abortSignal with a reason': abortAfter(new Error('enough')),
  deadline: () => ({ deadline: Date.now() + 600 }),
};

const abort = suite('abort and deadline');

for (const [name, way] of Object.entries(ways)) {
  abort(`${name}: pending fields are errors, finished data is kept, signals are aborted [R13 R15]`, async () => {
    const { result, state } = await run('{ now quick { name } never { name next { name } } }', way, 1);
    assert.equal(result.data, { now: 1, quick: { name: 'quick' }, never: null });
    assert.equal(
      result.errors?.map(({ path }) => path),
      [['never']],
    );
    assert.equal(state.started.sort(), ['never', 'quick']);
    assert.ok(state.aborted.includes('never'));
  });

  abort(`${name}: what has not begun never begins [R15]`, async () => {
    const { result, state, release } = await run(
      '{ quick { name next { next { name } } } slow { next { name } } never { next { name } } }',
      way,
      3,
    );
    release();
    await sleep(10);
    assert.equal(result.data, { quick: { name: 'quick', next: { next: { name: 'next' } } }, slow: null, never: null });
    assert.equal(state.started.sort(), ['never', 'next', 'next', 'quick', 'slow']);
  });

  abort(`${name}: a required field that is pending bubbles`, async () => {
    const { result } = await run('{ now must { name } }', way);
    assert.is(result.data, null);
    assert.equal(result.errors?.[0]?.path, ['must']);
    const inner = await run('{ now quick { name nextMust { name } } }', way, 1);
    assert.equal(inner.result.data, { now: 1, quick: null });
  });

  abort(`${name}: resolvers and values that never settle [R13]`, async () => {
    const { result } = await run('{ now resolver { name } function { name } list { name } }', way);
    assert.equal((result.data as { now: number }).now, 1);
    assert.is((result.data as { resolver: null }).resolver, null);
    assert.is((result.data as { function: null }).function, null);
  });

  abort(`${name}: later mutation fields do not begin [R15 R19]`, async () => {
    const { result, state } = await run('mutation { quick { name } never { name } after { name } }', way, 1);
    await sleep(10);
    assert.equal(state.started, ['m quick', 'm never']);
    assert.equal(result.data, { quick: { name: 'm quick' }, never: null, after: null });
    assert.equal(
      result.errors?.map(({ path }) => path),
      [['never'], ['after']],
    );
  });
}

abort('an aborted signal: nothing begins [R15]', async () => {
  const { result, state } = await run('{ now quick { name } }', () => ({
    abortSignal: AbortSignal.abort(new Error('before')),
  }));
  assert.equal(state.started, []);
  assert.is((result.data as { quick: unknown } | null)?.quick ?? null, null);
  assert.match(result.errors?.[0]?.message ?? '', 'before');
});

abort('the reason of the abort is the message', async () => {
  const { result } = await run('{ never { name } }', abortAfter(new Error('enough')));
  assert.is(result.errors?.[0]?.message, 'enough');
});

abort('limits.executionMs is a deadline of every request', async () => {
  const { result, state } = await run('{ now never { name } }', () => ({}), 0, { executionMs: 20 });
  assert.equal(result.data, { now: 1, never: null });
  assert.match(result.errors?.[0]?.message ?? '', /deadline/);
  assert.equal(state.aborted, ['never']);
});

abort(
  'a request that ends in time is not touched, and leaves no timer; its signal is aborted when it is over',
  async () => {
    const controller = new AbortController();
    const { result, state } = await run('{ now quick { name } }', () => ({
      abortSignal: controller.signal,
      deadline: Date.now() + 60_000,
    }));
    assert.equal(result, { data: { now: 1, quick: { name: 'quick' } } });
    assert.equal(state.aborted, ['quick']);
    controller.abort();
    assert.equal(state.aborted, ['quick']);
  },
);

/** What reads an endless list is asked: how often, and whether it was told to end. */
interface Reads {
  next: number;
  isClosed: boolean;
}

const endless: Record<string, (reads: Reads) => AsyncIterable<unknown>> = {
  async *'a generator'(reads) {
    try {
      for (;;) {
        await sleep(1);
        yield { name: `${reads.next++}` };
      }
    } finally {
      reads.isClosed = true;
    }
  },
  async *'a generator that never lets the event loop turn'(reads) {
    try {
      for (;;) yield { name: `${reads.next++}` };
    } finally {
      reads.isClosed = true;
    }
  },
  'an iterator that cannot be closed'(reads) {
    const next = async (): Promise<IteratorResult<unknown>> => {
      await sleep(1);
      return { value: { name: `${reads.next++}` }, done: false };
    };
    reads.isClosed = true;
    return { [Symbol.asyncIterator]: () => ({ next }) };
  },
};

for (const [name, list] of Object.entries(endless)) {
  // Items that nothing runs for are read by the output, the others by their layer.
  for (const selection of ['name', 'name next { name }']) {
    for (const way of [() => ({ deadline: Date.now() + 100 }), () => ({ abortSignal: AbortSignal.timeout(100) })]) {
      abort(`an endless list is read no more, and closed: ${name} { ${selection} } [R13 R15]`, async () => {
        const reads: Reads = { next: 0, isClosed: false };
        const engine = createEngine({ schema });
        const state = { started: [], ended: [], aborted: [], late: Promise.resolve(), onEnd() {} };
        const request = {
          rootValue: { list: () => list(reads) },
          contextValue: state,
          onAbort: 'RESPOND' as const,
          ...way(),
        };
        const result = await engine.execute({ document: parse(`{ list { ${selection} } }`), ...request });
        assert.equal(JSON.parse(JSON.stringify(result.data)), { list: null });
        assert.is(result.errors?.length, 1);
        await sleep(10);
        const { next } = reads;
        await sleep(10);
        // On a busy machine the request may be over before the list is opened.
        assert.equal(reads, { next, isClosed: next > 0 });
      });
    }
  }
}

/** Yields what a step is told of the end of its request. */
class TellStep extends Step {
  static override readonly op = 'test.tell';
  override readonly isSync = true;

  override execute(count: number, _values: unknown[], { deadline, isOver, signal }: ExecuteExtra): never {
    return Array.from({ length: count }, () => JSON.stringify([deadline, isOver, signal.aborted])) as never;
  }
}
registerSteps(TellStep);

abort('a step can see how long it has [R15 5.5]', () => {
  const telling = makeSchema({
    typeDefs: 'type Query { told: String }',
    objects: { Query: { plans: { told: () => new TellStep() as never } } },
  });
  const ask = (more: object): unknown =>
    (createEngine({ schema: telling }).execute({ document: parse('{ told }'), ...more }) as ExecutionResult).data?.told;
  const deadline = Date.now() + 60_000;
  assert.is(ask({ deadline }), JSON.stringify([deadline, false, false]));
  assert.is(ask({}), JSON.stringify([null, false, false]));
});

abort('an endless list that a step reads is read no more, and closed [R13 R15]', async () => {
  const steps = {
    length: listLength,
    last: ($list: never) => at($list, -1),
    reversed: ($list: never) => reverse($list),
  };
  for (const [name, step] of Object.entries(steps)) {
    const reads: Reads = { next: 0, isClosed: false };
    const list = endless['a generator'] as (reads: Reads) => AsyncIterable<unknown>;
    const counting = makeSchema({
      typeDefs: `type Query { ${name}: ${name === 'reversed' ? '[String]' : 'String'} }`,
      objects: { Query: { plans: { [name]: () => step(lambda(constant(1), () => list(reads)) as never) as never } } },
    });
    const document = parse(`{ ${name} }`);
    const { data } = await createEngine({ schema: counting }).execute({ document, deadline: Date.now() + 100 });
    assert.equal(JSON.parse(JSON.stringify(data)), { [name]: null });
    await sleep(10);
    const { next } = reads;
    await sleep(10);
    // On a busy machine the deadline may pass before the list is opened.
    assert.equal(reads, { next, isClosed: next > 0 }, name);
  }
});

abort('a list that is found when the request is over is closed unread [R15]', async () => {
  const reads: Reads = { next: 0, isClosed: false };
  const controller = new AbortController();
  const list = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ value: { name: `${reads.next++}` }, done: false }),
      async return() {
        reads.isClosed = true;
      },
    }),
  };
  const rootValue = {
    list: () => {
      controller.abort(new Error('enough'));
      return list;
    },
  };
  const { data } = await createEngine({ schema }).execute({
    document: parse('{ list { name } }'),
    rootValue,
    abortSignal: controller.signal,
    onAbort: 'RESPOND',
  });
  assert.equal(JSON.parse(JSON.stringify(data)), { list: null });
  assert.equal(reads, { next: 0, isClosed: true });
});

abort.run();
