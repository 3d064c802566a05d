import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConnectionGate, type Turn } from '../../../src/kvetch/mysql/ConnectionGate.ts';
import { Fifo } from '../../../src/kvetch/mysql/Fifo.ts';

/** What shares out connections, without a server. */
const test = suite('kvetch mysql: the gate of connections');

test('the gate: first ones pass later ones, which are not left behind for ever', async () => {
  const gate = new ConnectionGate(1, 100, 60_000);
  const entered: string[] = [];
  const call = async (name: string, turn: Turn): Promise<void> => {
    await gate.enter(turn);
    entered.push(name);
    await Promise.resolve();
    gate.leave();
  };
  const names = ['l1', 'l2', 'l3', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
  await Promise.all(['x', ...names].map((name) => call(name, name.startsWith('l') ? 'later' : 'first')));
  assert.equal(entered, ['x', 'f1', 'f2', 'f3', 'l1', 'f4', 'f5', 'f6', 'l2', 'f7', 'l3']);
  assert.is(gate.enter('later'), null, 'all have left');
});

test('the gate: who waits gives up when nobody leaves, and not while somebody does', async () => {
  const gate = new ConnectionGate(1, 3, 60);
  gate.enter('first');
  const waiting = [0, 1, 2].map(() => Promise.resolve(gate.enter('first')));
  const outcomes = waiting.map((one) =>
    one.then(
      () => 'in',
      (error: Error) => String((error.cause as Error).name),
    ),
  );
  const refused = await Promise.resolve(gate.enter('later')).catch((error: Error) => (error.cause as Error).name);
  assert.is(refused, 'QueueFullError');
  for (const one of waiting.slice(0, 2)) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    gate.leave();
    await one;
  }
  assert.equal(await Promise.all(outcomes), ['in', 'in', 'TimeoutError']);
  gate.leave();
  assert.is(gate.enter('first'), null);
});

test('the queue keeps its order whatever comes and goes', () => {
  const queue = new Fifo<number>();
  let [next, pushed] = [0, 0];
  for (let round = 0; round < 200; round++) {
    for (let n = 0; n < 97; n++) queue.push(pushed++);
    for (let n = 0; n < (round % 3 === 2 ? 180 : 40); n++) {
      const item = queue.shift();
      if (next < pushed) assert.is(item, next++);
      else assert.is(item, undefined);
    }
    assert.is(queue.size, pushed - next);
  }
});

test.run();
