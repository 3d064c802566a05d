import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeAsync, collectAsync, isAsyncIterable } from '../../src/utils/asyncIterables.ts';
import { mapAsyncIterable } from '../../src/utils/mapAsyncIterable.ts';

const test = suite('async iterables');

interface Source extends AsyncIterable<number> {
  /** How often it was closed. */
  closed: number;
}

/** Yields 1, 2, 3 ..., up to `last`, then ends as it is told; closing it does what `onClose` does. */
function count(last: number, end: () => void = () => {}, onClose: () => void = () => {}): Source {
  let next = 0;
  const source: Source = {
    closed: 0,
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (next < last) return { value: ++next, done: false };
        end();
        return { value: undefined, done: true };
      },
      async return() {
        source.closed++;
        onClose();
        return { value: undefined, done: true };
      },
    }),
  };
  return source;
}
const never: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
const neverClosed: AsyncIterator<number> = {
  next: () => new Promise(() => {}),
  return: () => new Promise(() => {}),
};
const done = { value: undefined, done: true };
const broken = (): never => {
  throw new Error('broken');
};
const message = (error: Error): string => error.message;

test('items are mapped in order, also when they are asked for ahead', async () => {
  const mapped = mapAsyncIterable(count(3), async (n) => n * 10);
  assert.equal(await Promise.all([mapped.next(), mapped.next(), mapped.next(), mapped.next(), mapped.next()]), [
    { value: 10, done: false },
    { value: 20, done: false },
    { value: 30, done: false },
    done,
    done,
  ]);
});

for (const [what, source, map] of [
  ['the source', count(1, broken), (n: number) => n],
  ['the mapping', count(2), (n: number) => (n === 2 ? broken() : n)],
] as const) {
  test(`${what} throws: its reader is told, and it is over`, async () => {
    let closings = 0;
    const mapped = mapAsyncIterable(source, map, { onEnd: () => closings++ });
    assert.equal(await mapped.next(), { value: 1, done: false });
    const [failed, waiting] = await Promise.all([mapped.next().catch(message), mapped.next()]);
    assert.equal([failed, waiting, await mapped.next(), closings], ['broken', done, done, 1]);
  });
}

test('closing answers who waits, closes the source once, and keeps what comes later', async () => {
  const mapped = mapAsyncIterable(never, (n) => n);
  const waiting = mapped.next();
  assert.equal(await mapped.return(), done);
  assert.equal(await waiting, done);

  const source = count(9, undefined, broken);
  const closed = mapAsyncIterable(source, (n) => n);
  await closed.next();
  await closed.return();
  await closed.return();
  assert.is(source.closed, 1);
});

test('closing does not wait for a generator that waits, nor for a source that says it is closing for ever', async () => {
  async function* waits(): AsyncGenerator<number> {
    await new Promise(() => {});
    yield 1;
  }
  const mapped = mapAsyncIterable(waits(), (n) => n);
  const waiting = mapped.next();
  assert.equal(await mapped.return(), done);
  assert.equal(await waiting, done);

  const closing = mapAsyncIterable({ [Symbol.asyncIterator]: () => neverClosed }, (n) => n);
  closing.next();
  assert.equal(await closing.return(), done);
});

test('an item whose mapping throws closes the source; an end that was reached does not', async () => {
  const source = count(9, undefined, broken);
  const mapped = mapAsyncIterable<number, number>(source, broken, { first: 0, last: 10 });
  assert.equal(await mapped.next(), { value: 0, done: false });
  assert.is(await mapped.next().catch(message), 'broken');
  assert.is(source.closed, 1);

  const ended = count(1);
  const items: number[] = [];
  for await (const item of mapAsyncIterable(ended, (n) => n, { first: 0, last: 10 })) items.push(item);
  assert.equal(items, [0, 1, 10]);
  const left = mapAsyncIterable(ended, (n) => n, { last: 10 });
  await left.next();
  await left.return();
  assert.is(ended.closed, 0);
});

test('throw() and disposal close the source', async () => {
  const thrown = count(9);
  assert.is(
    await mapAsyncIterable(thrown, (n) => n)
      .throw(new Error('enough'))
      .catch(message),
    'enough',
  );
  assert.is(thrown.closed, 1);
  const disposed = count(9);
  const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
  await (mapAsyncIterable(disposed, (n) => n) as unknown as Record<symbol, () => Promise<void>>)[dispose]?.();
  assert.is(disposed.closed, 1);
});

test('what closes while an item is on its way does not give it', async () => {
  let give = (): void => {};
  const arrives = new Promise<void>((resolve) => {
    give = resolve;
  });
  const mapped = mapAsyncIterable(count(2), (n) => arrives.then(() => n));
  const waiting = mapped.next();
  await mapped.return();
  give();
  assert.equal(await waiting, done);
});

test('collecting takes all items, or rejects; closing ends it', async () => {
  assert.equal(await collectAsync(count(3)).items, [1, 2, 3]);
  assert.is(await collectAsync(count(1, broken)).items.catch(message), 'broken');
  const source = count(1, undefined, broken);
  const collection = collectAsync(source);
  await collection.items;
  collection.close();
  assert.is(source.closed, 1);
});

test('what nobody will read is closed, if it can be', async () => {
  const source = count(1);
  closeAsync(source);
  assert.is(source.closed, 1);
  closeAsync({ [Symbol.asyncIterator]: broken });
  closeAsync({ [Symbol.asyncIterator]: () => ({ next: broken, return: broken }) });
  closeAsync(never);
});

test('an async iterable is an object with the method', () => {
  assert.ok(isAsyncIterable(never));
  for (const no of [null, undefined, [], 'text', { [Symbol.asyncIterator]: 1 }]) assert.not(isAsyncIterable(no));
});

test.run();
