import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspect } from '../../src/utils/inspect.ts';

const test = suite('inspect');

test('a rejected promise that a getter hands over is nobody’s unhandled rejection [R27]', async () => {
  const rejected: unknown[] = [];
  const note = (reason: unknown): unknown => rejected.push(reason);
  process.on('unhandledRejection', note);
  const gives = (key: string): object =>
    Object.defineProperty({}, key, { enumerable: true, get: () => Promise.reject(new Error(key)) });
  const deep = (value: unknown): object => ({ a: { b: value } });
  for (const key of ['constructor', 'toJSON', 'other']) {
    assert.is(inspect(gives(key)), `{ ${key}: {} }`);
    assert.is(inspect(deep(gives(key))), '{ a: { b: [Object] } }');
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.equal(rejected.map(String), []);
});

test('a class is told by its name', () => {
  class Thing {
    readonly size = 1;
  }
  assert.is(inspect({ a: { b: new Thing() } }), '{ a: { b: [Thing] } }');
  assert.is(inspect({ a: { b: Object.assign(new Thing(), { constructor: 7 }) } }), '{ a: { b: [Object] } }');
});

test.run();
