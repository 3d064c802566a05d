import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SafeError } from '../../src/errors/SafeError.ts';
import { createKvetch, defineKvetchSchema, increment, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowIf,
  createPent,
  definePents,
  denyIf,
  member,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  updatePent,
  type WriteHooks,
  writeTogether,
} from '../../src/pent.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Listing', fields: { title: 'string', status: 'string', seller: 'string', floor: 'int' } },
    { typeId: 2, name: 'Offer', fields: { listing: 'uuid', by: 'string', price: 'int', status: 'string' } },
    { typeId: 3, name: 'Talk', fields: { listing: 'uuid', messages: 'int' } },
    { typeId: 4, name: 'Message', fields: { talk: 'uuid', text: 'string' } },
  ],
  edges: [{ edgeId: 1, name: 'watching', from: 'Listing', to: 'Talk' }],
});

const seen: string[] = [];

class Listing extends Pent {
  static override readonly definition: PentDefinition = {
    ...{ name: 'Listing', typeId: 1, visible: { floor: 'seller' } },
  };
  static override readonly privacy: Policy<Listing, string> = {
    read: [denyIf('hidden', ({ $record }) => $record.status === 'HIDDEN')],
    update: [
      // the buyer of an offer that is accepted in the same unit may sell the listing
      allowIf('with an offer', ({ data, unit }) =>
        unit === undefined
          ? false
          : data.status === 'SOLD' &&
            unit.changes.some(({ type, after }) => type === 'Offer' && after?.$record.status === 'ACCEPTED'),
      ),
      allowIf('seller', ({ before }, { viewer }) => before?.$record.seller === viewer),
      denyIf('others', () => true),
    ],
    fields: { floor: [allowIf('seller', ({ $record }, { viewer }) => $record.seller === viewer)] },
  };
}

class Offer extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'Offer',
    typeId: 2,
    storedIds: { listing: ['Listing'] },
  };
  static override readonly hooks: WriteHooks<Offer, string> = {
    validators: [
      ({ data }) => (Number(data.price) < 0 ? [{ field: 'price', message: 'It must not be negative.' }] : undefined),
    ],
  };
}

class Talk extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'Talk',
    typeId: 3,
    storedIds: { listing: ['Listing'] },
  };
  static override readonly privacy: Policy<Talk, string> = { update: [denyIf('nobody', () => true)] };
}

class Message extends Pent {
  static override readonly definition: PentDefinition = { name: 'Message', typeId: 4, storedIds: { talk: ['Talk'] } };
  static override readonly hooks: WriteHooks<Message, string> = {
    before: [
      ({ data, unit }) => {
        if (data.text === 'endless') unit?.add(member.create(Message, data, { near: String(data.talk) }));
        else unit?.add(member.update(Talk, String(data.talk), { messages: increment() }));
        return data.text === 'loud' ? { ...data, text: 'LOUD' } : undefined;
      },
    ],
    after: [
      ({ kind, after, unit }) => {
        seen.push(`${kind} ${String(after?.$record.text)} ${unit === undefined}`);
        if (after?.$record.text === 'failing') throw new Error('observer');
      },
    ],
  };
}

const model = definePents({ schema, pents: [Listing, Offer, Talk, Message], byDefault: 'allow' });
const reports: string[] = [];

function as(viewer: string, kvetch: Kvetch): PentContext<string> {
  return new PentContext({
    kvetch,
    model,
    viewer,
    onError: (error, place) => void reports.push(`${place}: ${error.message}`),
  });
}

async function refusal(promise: Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
  const error = await promise.then(
    (value) => assert.unreachable(`written: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SafeError)) throw error;
  return { ...error.extensions, message: error.message };
}

const test = suite('pent: writes that belong together');

test('members are written together, on each other’s new state, and observers run after', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const seller = as('sue', kvetch);
  const listing = await createPent(seller, Listing, { title: 'Lamp', status: 'OPEN', seller: 'sue', floor: 5 });
  const id = listing?.id ?? '';
  const buyer = as('bob', kvetch);
  const talkId = buyer.newId(Talk);
  const other = (await createPent(buyer, Offer, { listing: id, by: 'x', price: 1 }))?.id ?? '';
  seen.length = 0;
  const [offer, sold, talk, message, checked] = await writeTogether(buyer, [
    member.create(Offer, { listing: id, by: 'bob', price: 7, status: 'ACCEPTED' }),
    member.update(Listing, id, { status: 'SOLD' }, { if: { status: 'OPEN' } }),
    member.create(Talk, { listing: id }, { id: talkId }),
    member.create(Message, { talk: talkId, text: 'loud' }),
    member.check(Offer, other),
  ]);
  assert.equal([offer?.$record.status, sold?.$record.status, message?.$record.text], ['ACCEPTED', 'SOLD', 'LOUD']);
  assert.is(talk?.$record.messages, 1); // the trigger's own member
  assert.is(checked?.id, other);
  assert.equal(seen, ['create LOUD true']);
  assert.is((await Listing.get(as('x', kvetch), id))?.$record.status, 'SOLD');
  const [, none] = await writeTogether(seller, [
    member.update(Listing, id, { title: 'Sold' }),
    member.insertEdge('watching', id, talkId, { since: 1 }),
  ]);
  assert.is(none, null);
  assert.is(await kvetch.countEdges('watching', id), 1);
  await kvetch.close();
});

test('where one is refused nothing is written, no observer runs, and the client hears of the member', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const sue = as('sue', kvetch);
  const id = (await createPent(sue, Listing, { title: 'Lamp', status: 'OPEN', seller: 'sue', floor: 5 }))?.id ?? '';
  const hidden = await kvetch.createObject('Listing', { status: 'HIDDEN', seller: 'x' });
  const talk = (await createPent(sue, Talk, { listing: id }))?.id ?? '';
  const offer = (await createPent(sue, Offer, { listing: id, price: 5 }))?.id ?? '';
  const bob = as('bob', kvetch);
  seen.length = 0;
  const first = (): ReturnType<typeof member.create> => member.create(Message, { talk, text: 'never' });
  const refused = async (other: Parameters<typeof writeTogether>[1][number]): Promise<unknown[]> => {
    const { code, member: at, field } = await refusal(writeTogether(bob, [first(), other]));
    return [code, at, field];
  };
  assert.equal(await refused(member.update(Listing, id, { status: 'SOLD' })), ['FORBIDDEN', 1, undefined]);
  assert.equal(await refused(member.update(Listing, hidden, { status: 'SOLD' })), ['NOT_FOUND', 1, undefined]);
  assert.equal(await refused(member.check(Listing, hidden)), ['NOT_FOUND', 1, undefined]);
  assert.equal(await refused(member.update(Talk, talk, { messages: 9 })), ['FORBIDDEN', 1, undefined]);
  assert.equal(await refused(member.create(Offer, { listing: hidden, price: 1 })), ['NOT_FOUND', 1, 'listing']);
  assert.equal(await refused(member.create(Offer, { listing: talk, price: 1 })), ['NOT_FOUND', 1, 'listing']);
  assert.equal(await refused(member.create(Offer, { listing: id, price: -1 })), ['INVALID_INPUT', 1, undefined]);
  assert.equal(await refused(member.update(Offer, offer, {}, { if: { price: 6 } })), ['CONDITION_FAILED', 1, 'price']);
  assert.equal(await refused(member.update(Offer, offer, {}, { ifVersion: 6 })), ['CONFLICT', 1, undefined]);
  assert.equal(await refused(member.insertEdge('watching', id, talk)), ['FORBIDDEN', 1, undefined]);
  assert.equal(await refused(member.insertEdge('watching', hidden, talk)), ['NOT_FOUND', 1, undefined]);
  // what the viewer may not see decides on nothing that the viewer hears of
  assert.equal(await refused(member.check(Listing, id, { if: { floor: 5 } })), ['FORBIDDEN', 1, 'floor']);
  assert.equal((await refusal(updatePent(bob, Listing, id, {}, { if: { floor: 5 } }))).code, 'FORBIDDEN');
  const twice = [
    member.create(Offer, { listing: id, price: 7, status: 'ACCEPTED' }),
    member.update(Listing, id, { status: 'SOLD' }),
    member.update(Listing, id, { status: 'SOLD', floor: increment() }),
  ];
  assert.equal((await refusal(writeTogether(bob, twice))).code, 'FORBIDDEN');
  assert.is((await kvetch.getObject(talk))?.messages, undefined);
  assert.equal((await kvetch.browse('Message')).objects, []);
  assert.equal((await kvetch.browse('Offer')).objects.length, 1);
  assert.equal(seen, []);
  await kvetch.close();
});

test('the id that a client chooses is refused alike, whether its object is hidden, readable, absent or no id', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const sue = as('sue', kvetch);
  const seen = (await createPent(sue, Listing, { title: 'Lamp', status: 'OPEN', seller: 'sue' }))?.id ?? '';
  const hidden = await kvetch.createObject('Listing', { status: 'HIDDEN', seller: 'x' });
  const absent = kvetch.newId('Listing');
  const data = { title: 'Mine', status: 'OPEN', seller: 'bob' };
  const answers = new Set<string>();
  const bob = as('bob', kvetch);
  for (const id of [hidden, seen, absent, as('eve', kvetch).newId(Listing), 'none', ''])
    answers.add(JSON.stringify(await refusal(writeTogether(bob, [member.create(Listing, data, { id })]))));
  assert.is(answers.size, 1);
  for (const id of [hidden, absent])
    assert.is((await refusal(createPent(bob, Listing, data, { id }))).code, 'INVALID_INPUT');
  assert.ok([...answers][0]?.includes('"code":"INVALID_INPUT","field":"id","member":0'));
  // the server chooses what it likes, and a write between leaves the ids that were made
  const id = bob.newId(Listing);
  await createPent(bob, Listing, data);
  const made = await writeTogether(bob, [member.create(Listing, data, { id })]);
  assert.is(made[0]?.id, id);
  const [own] = await writeTogether(bob.unrestricted, [member.create(Listing, data, { id: absent })]);
  assert.is(own?.id, absent);
  await kvetch.close();
});

test('a unit’s planned state stays in it: a refused one leaves nothing in the context', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const sue = as('sue', kvetch);
  const id = (await createPent(sue, Listing, { title: 'Lamp', status: 'OPEN', seller: 'sue' }))?.id ?? '';
  await refusal(
    writeTogether(sue, [member.update(Listing, id, { title: 'Planned' }), member.check(Listing, id, { ifVersion: 9 })]),
  );
  await kvetch.updateObject(id, { title: 'Real' });
  sue.forget();
  assert.is((await Listing.get(sue, id))?.$record.title, 'Real');
  const [one, gone, other] = await writeTogether(sue, [
    member.update(Listing, id, { title: 'One' }),
    member.delete(Offer, (await createPent(sue, Offer, { listing: id, price: 1 }))?.id ?? ''),
    member.update(Listing, id, { title: 'Two' }),
  ]);
  assert.equal([one?.$record.title, gone, other?.version], ['Two', null, 4]);
  await kvetch.close();
});

test('what the trigger of a single write adds is written with it, or neither is', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const bob = as('bob', kvetch);
  const talk = (await createPent(bob, Talk, {}))?.id ?? '';
  const messages = async (): Promise<unknown> => (await kvetch.getObject(talk))?.messages;
  seen.length = 0;
  const loud = await createPent(bob, Message, { talk, text: 'loud' });
  assert.equal([loud?.$record.text, await messages()], ['LOUD', 1]);
  assert.is((await updatePent(bob, Message, loud?.id ?? '', { text: 'soft', talk }))?.$record.text, 'soft');
  assert.is(await messages(), 2);
  const id = bob.newId(Message);
  assert.is((await createPent(bob, Message, { talk, text: 'chosen' }, { id }))?.id, id);
  const options = { idempotencyKey: 'sent once' };
  const data = { talk, text: 'loud' };
  const all = await Promise.all([1, 2, 3].map(() => createPent(bob, Message, data, options)));
  const again = await createPent(bob, Message, data, options);
  assert.is(new Set([...all, again].map((message) => message?.id)).size, 1);
  assert.is(await messages(), 4);
  const { code } = await refusal(createPent(bob, Message, { talk, text: 'other' }, options));
  assert.is(code, 'CONFLICT');
  assert.equal(seen, ['create LOUD true', 'update soft true', 'create chosen true', 'create LOUD true']);
  await kvetch.deleteObject(talk);
  bob.forget();
  const gone = await refusal(createPent(bob.unrestricted, Message, { text: 'lost', talk: loud?.id ?? '' }));
  assert.equal([gone.code, gone.member], ['NOT_FOUND', undefined]);
  const failed = await refusal(updatePent(bob, Message, id, { text: 'loud', talk: loud?.id ?? '' }));
  assert.equal(failed.code, 'NOT_FOUND');
  assert.is((await kvetch.getObject(id))?.text, 'chosen');
  await kvetch.close();
});

test('a unit with a key is written once: repeats answer with its objects and run nothing', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(3) });
  const sue = as('sue', kvetch);
  const id = (await createPent(sue, Listing, { title: 'Lamp', status: 'OPEN', seller: 'sue' }))?.id ?? '';
  const old = (await createPent(sue, Offer, { listing: id, price: 1 }))?.id ?? '';
  const bob = { id: 'bob' };
  const make = (viewer: unknown, price = 7, key = 'accept'): ReturnType<typeof writeTogether> => {
    const context = new PentContext({ kvetch, model, viewer });
    const talk = context.newId(Talk); // another one in each request
    const members = [
      member.create(Talk, { listing: id }, { id: talk }),
      member.create(Offer, { listing: id, price, status: 'ACCEPTED' }),
      member.update(Listing, id, { status: 'SOLD' }, { if: { status: 'OPEN' } }),
      member.create(Message, { talk, text: 'loud' }, { near: talk }),
      member.delete(Offer, old),
    ];
    return writeTogether(context, members, { idempotencyKey: key });
  };
  const idsOf = (objects: readonly unknown[]): unknown => objects.map((one) => (one as { id: string } | null)?.id);
  seen.length = 0;
  const [first = [], ...others] = await Promise.all([make(bob), make(bob), make(bob)]);
  const again = await make(bob);
  for (const other of [...others, again]) assert.equal(idsOf(other), idsOf(first));
  assert.is(first[4], null);
  assert.is((await kvetch.getObject(first[0]?.id ?? ''))?.messages, 1);
  assert.equal([seen, (await kvetch.browse('Message')).objects.length], [['create LOUD true'], 1]);
  // the same key for something else, of somebody else, or for nothing
  const other = await refusal(make(bob, 8));
  assert.equal([other.code, other.member], ['CONFLICT', undefined]);
  assert.match(String(other.message), 'This key was used to write something else. Use a new one.');
  assert.equal((await refusal(make({ id: 'eve' }))).code, 'NOT_FOUND'); // the offer that was deleted
  assert.equal((await refusal(make(bob, 7, ''))).code, 'INVALID_INPUT');
  const wrong = await writeTogether(sue, [], { idempotencyKy: 'x' } as object).catch((error: Error) => error.message);
  assert.match(String(wrong), 'Did you mean "idempotencyKey"?');
  // a repeat shows what its viewer may see by now
  await kvetch.updateObject(id, { status: 'HIDDEN' });
  await kvetch.deleteObject(first[1]?.id ?? '');
  const later = await make(bob);
  assert.equal([later[1], later[2], later[3]?.id], [null, null, first[3]?.id]);
  await kvetch.close();
});

test('what a unit creates lies with what it changes', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(3) });
  const sue = as('sue', kvetch);
  const ids = await Promise.all([1, 2, 3, 4].map(() => kvetch.createObject('Listing', { seller: 'sue' })));
  for (const id of ids) {
    await writeTogether(sue, [
      member.create(Talk, {}),
      member.create(Talk, {}),
      member.update(Listing, id, { title: 'x' }),
    ]);
    await writeTogether(sue, [member.create(Talk, {}), member.check(Listing, id)], { idempotencyKey: id });
    await writeTogether(sue, [member.create(Talk, {}), member.create(Offer, {})], { idempotencyKey: `new ${id}` });
  }
  assert.is(kvetch.stats.splitUnits, 0);
  await kvetch.close();
});

test('a unit reads no object again that the request has read', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const sue = as('sue', kvetch);
  const id = await kvetch.createObject('Listing', { seller: 'sue' });
  await Listing.get(sue, id);
  kvetch.stats.reset();
  const refused = await writeTogether(sue, [
    member.update(Listing, id, { title: 'x' }),
    member.create(Offer, { price: -1 }),
  ]).catch((error: Error) => error);
  assert.instance(refused, SafeError);
  assert.is(kvetch.stats.keys, 0);
  await kvetch.close();
});

test('observers that fail are reported; triggers that add without end are stopped', async () => {
  const kvetch: Kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const sue = as('sue', kvetch);
  const talk = (await createPent(sue, Talk, {}))?.id ?? '';
  reports.length = 0;
  const [written] = await writeTogether(sue, [member.create(Message, { talk, text: 'failing' })]);
  assert.is(written?.$record.text, 'failing');
  assert.equal(reports, ['observer of create Message: observer']);
  const error = await writeTogether(sue, [member.create(Message, { talk, text: 'endless' })]).catch((e: Error) => e);
  assert.match(String(error), 'at most 100 members');
  assert.equal((await kvetch.browse('Message')).objects.length, 1);
  await kvetch.close();
});

test.run();
