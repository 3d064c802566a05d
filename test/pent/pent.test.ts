import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kvetch } from '../../src/kvetch.ts';
import { copyDates, createPent, deletePent, Pent, type PentContext, updatePent } from '../../src/pent.ts';
import { lateBackend } from '../kvetch/backends.ts';
import { as, Board, Card, Comment, openBoards, type Viewer } from './board.ts';

interface Fixture {
  readonly kvetch: Kvetch;
  readonly board: string;
  readonly other: string;
  /** Ten cards of the board; those with odd numbers are secrets of Bob. */
  readonly cards: readonly string[];
}

async function fill(backend?: Parameters<typeof openBoards>[0]): Promise<Fixture> {
  const kvetch = openBoards(backend);
  const board = await kvetch.createObject('Board', { name: 'Ours', members: ['ann', 'bob'] });
  const other = await kvetch.createObject('Board', { name: 'Theirs', members: ['eve'] });
  const cards: string[] = [];
  for (let n = 0; n < 10; n++) {
    const secret = n % 2 === 1 ? { secretOf: 'bob' } : {};
    cards.push(await kvetch.createObject('Card', { title: `card${n}`, slug: `c${n}`, board, ...secret }));
  }
  return { kvetch, board, other, cards };
}

const test = suite('Pent');

test('an object that nobody may read is null, as one that does not exist', async () => {
  const { kvetch, board, cards } = await fill();
  const eve = as('eve', kvetch);
  assert.is(await Board.get(eve, board), null);
  assert.is(await Card.get(eve, cards[0] as string), null);
  assert.is(await Pent.get(eve, board), null);
  const hidden = await Board.getX(eve, board).catch((error) => error);
  const absent = await Board.getX(eve, '00000000-0000-4000-8000-000000000000').catch((error) => error);
  assert.is(hidden.message.replace(board, 'ID'), absent.message.replace('00000000-0000-4000-8000-000000000000', 'ID'));
  assert.equal(hidden.extensions, { code: 'NOT_FOUND' });
});

test('a wrong type is an error that names both, but only for what may be read', async () => {
  const { kvetch, board, other } = await fill();
  const ann = as('ann', kvetch);
  const error = await Card.get(ann, board).catch((thrown) => thrown);
  assert.is(error.message, `Object "${board}" is of type Board, not Card. Read it as its own type, or with Pent.get.`);
  assert.is(await Card.get(ann, other), null);
  assert.is(await Card.get(as('ann', kvetch), other), null, 'in a new context, too');
});

test('nothing of a Pent can be assigned, old names or new ones', async () => {
  const { kvetch, cards } = await fill();
  const card = await Card.getX(as('bob', kvetch), cards[0] as string);
  for (const name of ['id', 'title', '$record', '$context', 'extra', 'then', 'toJSON', '__typename', '0']) {
    assert.throws(() => Object.assign(card, { [name]: 'mine' }), TypeError, name);
  }
  assert.throws(
    () => Object.assign(card, { extra: 1 }),
    'Cannot set "extra" of this Card: it is read-only. Write with updatePent.',
  );
  assert.is(Reflect.set(card, 'title', 'mine', {}), false);
  assert.equal(Object.keys(card), []);
  assert.is('extra' in card, false);
  assert.ok(card instanceof Object && card instanceof Pent);
  assert.is(String(card), '[object Object]');
  assert.is(JSON.stringify(card), '{}');
  // Private fields and fields of a class are its own.
  class Counting extends Card {
    readonly own: unknown[] = [];
    #reads = 0;
    read(): number {
      return ++this.#reads;
    }
  }
  const counting = new Counting(card.$record, card.$context);
  assert.equal([counting.own, counting.read(), counting.read(), counting.title], [[], 1, 2, 'card0']);
});

test('by whatever road an object comes, a request has one instance of it', async () => {
  const { kvetch, board, cards } = await fill();
  const roads: Record<string, (context: PentContext<Viewer>) => Promise<ReadonlyArray<Pent | null>>> = {
    many: (context) => Card.getMany(context, cards),
    backwards: (context) => Card.getMany(context, [...cards].reverse()),
    twice: (context) => Card.getMany(context, [...cards, ...cards]),
    mixed: (context) => Pent.getMany(context, [board, ...cards, board]),
    upper: (context) =>
      Card.getMany(
        context,
        cards.map((id) => id.toUpperCase()),
      ),
    browse: (context) => Card.browse(context),
    edge: async (context) => (await Board.getX(context, board)).cards(),
    index: (context) => Promise.all(cards.map((_, n) => Card.fromIndex(context, 'slug', `c${n}`))),
    holes: (context) => Card.getMany(context, ['00000000-0000-4000-8000-000000000000', ...cards]),
  };
  const names = Object.keys(roads);
  for (const [at, one] of names.entries()) {
    for (const other of names.slice(at)) {
      const context = as('bob', kvetch);
      const known = new Map<string, Pent>();
      for (const road of [one, other, one]) {
        for (const pent of (await roads[road]?.(context)) ?? []) {
          if (pent === null) continue;
          assert.is(known.get(pent.id) ?? pent, pent, `${one}, then ${other}`);
          known.set(pent.id, pent);
        }
      }
      assert.is.not(known.size, 0);
    }
  }
});

test('the same object is the same instance, and a write gives a new one', async () => {
  const { kvetch, cards } = await fill();
  const [id] = cards as [string];
  const ann = as('ann', kvetch);
  const card = await Card.get(ann, id);
  assert.is(await Card.get(ann, id), card);
  assert.is(await Card.fromIndex(ann, 'slug', 'c0'), card);
  await updatePent(ann, Card, id, { title: 'new' });
  const after = await Card.get(ann, id);
  assert.is.not(after, card);
  assert.is(after?.title, 'new');
  assert.is(card?.title, 'card0');
});

test('one object is one instance in the first batches too, however its id is written', async () => {
  const { kvetch, cards } = await fill();
  const [a, b] = [cards[2] as string, cards[0] as string];
  for (const ids of [
    [a, b, a],
    [b, a, a],
    [a, a.toUpperCase()],
    [b, a, a.replaceAll('-', '')],
  ]) {
    const ann = as('ann', kvetch);
    const read = await Card.getMany(ann, ids);
    assert.equal(
      read.map((card) => card?.id),
      ids.map((id) => (id === b ? b : a)),
    );
    assert.is(new Set(read).size, ids.includes(b) ? 2 : 1, String(ids));
    assert.ok(read.includes(await Card.getX(ann, a)));
  }
  const ann = as('ann', kvetch);
  const [one = [], other = []] = await Promise.all([Card.getMany(ann, [a, b]), Card.getMany(ann, [b, a])]);
  assert.is(one[0], other[1]);
  assert.is(one[1], other[0]);
});

test('one batch: hidden and absent objects are null, a wrong type throws, nonsense is null', async () => {
  const { kvetch, board, cards } = await fill();
  const absent = '00000000-0000-4000-8000-000000000000';
  const [open, secret] = cards as [string, string];
  const nonsense = 5 as unknown as string;
  assert.equal(
    (await Card.getMany(as('ann', kvetch), [open, secret, absent])).map((card) => card?.title ?? null),
    ['card0', null, null],
  );
  assert.equal(
    (await Card.getMany(as('ann', kvetch), [absent, nonsense, open])).map((card) => card?.title ?? null),
    [null, null, 'card0'],
  );
  const error = await Card.getMany(as('ann', kvetch), [open, board]).catch((thrown) => thrown);
  assert.is(error.code, 'WRONG_TYPE');
  assert.equal(await Card.getMany(as('eve', kvetch), [open, board]), [null, null]);
});

test('a Pent cannot be changed, and neither can what it holds', async () => {
  const { kvetch, cards } = await fill();
  const ann = as('ann', kvetch);
  const card = await Card.getX(ann, cards[0] as string);
  for (const name of ['id', 'title', 'createdAt', '$record', '$context']) {
    assert.not(Reflect.set(card, name, null), name);
  }
  assert.throws(() => Object.assign(card.$record, { title: 'mine' }), TypeError);
  card.createdAt.setTime(0);
  assert.ok(card.createdAt.getTime() > 0);
  const due = [new Date(5), [new Date(6)]] as const;
  const copies = copyDates(due);
  assert.equal(copies, due);
  copies[0].setTime(7);
  copies[1][0].setTime(7);
  assert.equal(due, [new Date(5), [new Date(6)]]);
});

test('logs show what a Pent holds, and no request', async () => {
  const { kvetch, cards } = await fill();
  const card = await Card.getX(as('ann', kvetch), cards[0] as string);
  const shown = inspect(card);
  assert.match(shown, /^Card \{/);
  assert.match(shown, "title: 'card0'");
  assert.not.match(shown, /kvetch|viewer/);
  assert.match(inspect({ list: [card] }, { depth: 5 }), "title: 'card0'");
});

test('pages are full, and their cursors name readable objects only', async () => {
  const { kvetch, board } = await fill();
  const ann = as('ann', kvetch);
  const ours = await Board.getX(ann, board);
  const first = await ours.cards({ first: 3 });
  assert.equal(
    first.map(({ title }) => title),
    ['card0', 'card2', 'card4'],
  );
  const rest = await ours.cards({ first: 3, after: (first[2] as Card).id });
  assert.equal(
    rest.map(({ title }) => title),
    ['card6', 'card8'],
  );
  assert.is((await Card.browse(ann, { first: 10 })).length, 5);
  assert.is((await Card.browse(as('eve', kvetch), { first: 10 })).length, 0);
});

test('reads of one turn are one call', async () => {
  const { kvetch, board, cards } = await fill(lateBackend.open());
  const bob = as('bob', kvetch);
  kvetch.stats.reset();
  await Promise.all([Card.getMany(bob, cards), Board.get(bob, board), ...cards.map((id) => Card.get(bob, id))]);
  assert.is(kvetch.stats.rounds, 1);
});

test('an unreadable index entry is not found', async () => {
  const { kvetch } = await fill();
  assert.is(await Card.fromIndex(as('ann', kvetch), 'slug', 'c1'), null);
  assert.is((await Card.fromIndex(as('bob', kvetch), 'slug', 'c1'))?.title, 'card1');
});

test('a rule that throws hides the object and is reported', async () => {
  const { kvetch } = await fill();
  const broken = await kvetch.createObject('Board', { name: 'Broken', members: 7 });
  const seen: string[] = [];
  const ann = as('ann', kvetch, { onError: (error, place) => seen.push(`${place}: ${error.name}`) });
  assert.is(await Board.get(ann, broken), null);
  assert.equal(seen, ['privacy rule "member": TypeError']);
});

test('writes: hidden objects do not exist, readable ones may be forbidden', async () => {
  const { kvetch, board, other, cards } = await fill();
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'done',
      (error) => `${error.extensions?.code}: ${error.message}`,
    );
  const ann = as('ann', kvetch);
  assert.is(
    await codeOf(updatePent(ann, Card, cards[1] as string, { title: 'x' })),
    `NOT_FOUND: There is no Card with the id "${cards[1]}".`,
  );
  assert.is(
    await codeOf(updatePent(ann, Card, board, { title: 'x' })),
    `NOT_FOUND: There is no Card with the id "${board}".`,
  );
  assert.is(
    await codeOf(updatePent(ann, Card, cards[0] as string, { title: 'forbidden' })),
    'FORBIDDEN: You may not update this Card.',
  );
  assert.is(
    await codeOf(updatePent(ann, Card, cards[0] as string, { title: '' })),
    'INVALID_INPUT: title: It must not be empty.',
  );
  assert.is(
    await codeOf(createPent(ann, Card, { title: 't', board: other })),
    `NOT_FOUND: There is no Board with the id "${other}".`,
  );
  assert.is(
    await codeOf(createPent(ann, Card, { title: 't', slug: 'c1', board })),
    'ALREADY_TAKEN: Another Card already has this slug.',
  );
  assert.is(await deletePent(ann, Card, cards[1] as string), null);
  assert.is(await deletePent(ann, Card, cards[0] as string), cards[0]);
  assert.is(await Card.get(ann, cards[0] as string), null);
});

test('triggers change what is written, observers that fail change nothing', async () => {
  const { kvetch, board } = await fill();
  const errors: unknown[] = [];
  const ann = as('ann', kvetch, { onError: (error) => errors.push(error.message) });
  const card = await createPent(ann, Card, { title: 'observed', slug: 'AUTO', board });
  assert.is(card?.title, 'observed');
  assert.equal(errors, ['observer']);
  assert.is((await Card.fromIndex(ann, 'slug', 'auto'))?.id, card?.id);
});

test('privacy follows several parents, each loaded once', async () => {
  const { kvetch, cards } = await fill();
  const comments: string[] = [];
  for (const card of cards) comments.push(await kvetch.createObject('Comment', { text: 'x', card }));
  const ann = as('ann', kvetch);
  kvetch.stats.reset();
  const found = await Comment.getMany(ann, comments);
  assert.equal(
    found.map((comment) => comment !== null),
    cards.map((_, n) => n % 2 === 0),
  );
  assert.is(kvetch.stats.rounds, 3);
});

test.run();
