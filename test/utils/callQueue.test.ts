import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CallLimits, CallQueue, type Share, type Waiting } from '../../src/utils/CallQueue.ts';

interface Part extends Waiting {
  readonly name: string;
  isOver: boolean;
}

type PartShare = Share<Part>;

/** Notes calls as texts: the name of each part with the range of its keys. */
class Notes extends CallQueue<Part> {
  readonly calls: string[] = [];
  readonly dropped: string[] = [];
  readonly under: PartShare[][] = [];
  isIdle = 0;
  readonly #limits: CallLimits;
  /** Whether calls end while they begin. */
  endAtOnce = false;

  constructor(limits: CallLimits) {
    super(() => {
      this.isIdle++;
    });
    this.#limits = limits;
  }

  ask(name: string, size: number, asker: object = {}): Part {
    const part: Part = { name, size, taken: 0, asker, isOver: false };
    this.add(part, this.#limits);
    return part;
  }

  protected override begin(shares: readonly PartShare[]): void {
    this.calls.push(shares.map(textOf).join(' '));
    if (this.endAtOnce) this.ended();
    else this.under.push([...shares]);
  }

  protected override drop(share: PartShare): void {
    this.dropped.push(textOf(share));
  }

  /** Ends the oldest call. */
  end(failed: boolean = false): void {
    const shares = this.under.shift();
    if (shares === undefined) throw new Error('No call is under way.');
    this.ended(failed ? shares : []);
  }
}

const textOf = ({ part: { name }, from, to }: PartShare): string => `${name}${from}-${to}`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const queue = suite('CallQueue');

queue('keys of one turn go out together when it ends [R16 7.2.1]', async () => {
  const notes = new Notes({});
  notes.ask('a', 2);
  notes.ask('b', 1);
  assert.equal(notes.calls, []);
  await turn();
  assert.equal(notes.calls, ['a0-2 b0-1']);
});

queue('the end of a call does not close the window of keys that came since [R16 7.2.1]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 2 });
  notes.ask('a', 2);
  notes.ask('b', 1);
  notes.end();
  assert.equal(notes.calls, ['a0-2'], 'b may be joined by others still');
  assert.is(notes.isIdle, 0, 'b waits');
  notes.ask('c', 1);
  assert.equal(notes.calls, ['a0-2', 'b0-1 c0-1']);
  notes.end();
  assert.is(notes.isIdle, 1);
});

queue('keys that come while maxCalls calls are under way go when one ends [R16 7.2.2]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 2, maxCalls: 1 });
  notes.ask('a', 2);
  notes.ask('b', 1);
  assert.equal(notes.calls, ['a0-2']);
  notes.end();
  assert.equal(notes.calls, ['a0-2', 'b0-1'], 'it has waited long enough');
});

queue('an asker has one share of the room, in however many parts [R16 7.2.3]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 6, maxCalls: 1 });
  notes.ask('first', 6);
  const greedy = {};
  for (const name of ['x', 'y', 'z']) notes.ask(name, 2, greedy);
  notes.ask('b', 5);
  notes.end();
  assert.is(notes.calls[1], 'x0-2 y0-1 b0-3', 'three each');
  notes.end();
  assert.is(notes.calls[2], 'y1-2 z0-2 b3-5');
});

queue('with less room than askers, those that came first get one key each [R16 7.2.3]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 2, maxCalls: 1 });
  for (const name of ['first', 'a', 'b', 'c']) notes.ask(name, 2);
  notes.end();
  assert.is(notes.calls[1], 'a0-1 b0-1');
});

queue('shares of a failed call go alone, and take turns with newcomers [R16 7.2.2 7.3.1]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 3, maxCalls: 1 });
  for (const name of ['a', 'b', 'c']) notes.ask(name, 1);
  notes.ask('new', 1);
  notes.end(true);
  for (let ends = 0; ends < 4; ends++) notes.end();
  assert.equal(notes.calls, ['a0-1 b0-1 c0-1', 'a0-1', 'new0-1', 'b0-1', 'c0-1']);
  assert.is(notes.isIdle, 1);
});

queue('nothing is asked for an asker that is over, waiting or to be repeated [R15 R16 7.3.4]', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 3, maxCalls: 1 });
  const parts = ['a', 'b', 'c', 'd'].map((name) => notes.ask(name, 1));
  for (const part of parts.slice(1)) part.isOver = true;
  notes.end(true);
  assert.equal(notes.calls, ['a0-1 b0-1 c0-1', 'a0-1']);
  assert.equal(notes.dropped, ['b0-1', 'c0-1', 'd0-1']);
  notes.end();
  assert.is(notes.isIdle, 1, 'dropped keys are not waited for');
  notes.ask('e', 3);
  assert.is(notes.calls[2], 'e0-3', 'nor counted');
});

queue('a queue whose last keys were dropped is idle once: its window is closed', async () => {
  const notes = new Notes({ maxWaitMs: 1, maxSize: 2 });
  notes.ask('a', 2);
  notes.ask('b', 1).isOver = true;
  notes.end();
  assert.equal(notes.dropped, ['b0-1']);
  assert.is(notes.isIdle, 1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(notes.isIdle, 1, 'who made another queue meanwhile keeps that one');
});

queue('calls that end while they begin follow each other, and do not nest', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 1, maxCalls: 1 });
  notes.endAtOnce = true;
  notes.ask('a', 20_000);
  assert.is(notes.calls.length, 20_000);
  assert.is(notes.isIdle, 1);
});

queue('askers that wait for a full store are looked at when a call begins, not when another one comes', () => {
  const notes = new Notes({ maxWaitMs: 1e6, maxSize: 1, maxCalls: 1 });
  let looks = 0;
  notes.ask('first', 1);
  for (let count = 0; count < 100; count++) {
    Object.defineProperty(notes.ask('x', 1), 'isOver', { get: () => ++looks < 0 });
  }
  assert.is(looks, 0);
  notes.end();
  assert.is(looks, 100);
});

queue.run();
