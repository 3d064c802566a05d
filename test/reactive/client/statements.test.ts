/** Statements of chapter 12, one by one, with a server that answers as each test says. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HeldSet } from '../../../src/reactive/client/HeldSet.ts';
import type { TransportEvents } from '../../../src/reactive/client/transports/Transport.ts';
import {
  createReactiveClient,
  polling,
  type ReactiveClient,
  type Transport,
  type TypedDocument,
} from '../../../src/reactive-client.ts';
import { until } from '../../support/until.ts';
import { pause } from './cases.ts';
import { plain } from './world.ts';

const test = suite('client, statements of chapter 12');
const clients: ReactiveClient[] = [];
test.after.each(() => {
  for (const client of clients.splice(0)) client.close();
});

type Json = { readonly [name: string]: unknown };
interface Body {
  readonly query: string;
  readonly extensions: { readonly reactive: { readonly refetch?: readonly Json[] } };
}
type Answer = (body: Body) => object | Promise<object>;

const key = (name: string): string => name.padEnd(16, '_');

/** `extensions` of an answer: by scope and position the keys there, as `name@version`. */
function said(asOf: number, groups: Readonly<Record<string, string>>, more: object = {}): object {
  const keys: string[] = [];
  const versions: number[] = [];
  const told = Object.entries(groups).map(([place, texts]) => {
    const [scope, at] = place.split(' ');
    const from = keys.length;
    for (const text of texts.split(' ')) {
      const [name = '', version] = text.split('@');
      keys.push(key(name));
      versions.push(Number(version));
    }
    return { at, scope, keys: [from, keys.length - from] };
  });
  const text = keys.join('');
  return {
    reactive: { v: 1, status: 'full', epoch: 'e', asOf, keys: text, versions, groups: told, grant: 'g', ...more },
  };
}

/** No answer, until the request is aborted. */
function never(init?: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
  });
}

/** A client whose requests are answered in their order, and a transport that notes its sets. */
function open(answers: Answer[], transport?: Transport) {
  const log: string[] = [];
  const asked: Body[] = [];
  const names = new Map<HeldSet, number>();
  let events: TransportEvents | null = null;
  const noted: Transport = (own) => {
    events = own;
    return {
      add: (set) => void log.push(`add ${names.set(set, names.size + 1).size}`),
      remove: (set) => void log.push(`remove ${names.get(set)}`),
      close: () => undefined,
    };
  };
  const client = createReactiveClient({
    url: 'http://server/graphql',
    transport: transport ?? noted,
    fetch: async (_url, init) => {
      const body = JSON.parse(String(init?.body)) as Body;
      asked.push(body);
      const answer = answers.shift();
      if (answer === undefined) return never(init);
      return new Response(JSON.stringify(await answer(body)));
    },
  });
  clients.push(client);
  const watch = (text: string) => {
    const { subscribe, getSnapshot } = client.watch(parse(text) as TypedDocument);
    const seen: unknown[] = [];
    subscribe(() => seen.push(plain(getSnapshot().data)));
    return { seen, now: () => plain(getSnapshot().data) };
  };
  return {
    ...{ client, log, asked, watch },
    tell: (name: string, version: number) => events?.stale({ [key(name)]: version }),
    refetches: () => asked.map(({ extensions }) => extensions.reactive.refetch ?? 'all'),
  };
}

const USER = '{ user { id name lists { id title } } }';
const list = (id: string, title: string): object => ({ __typename: 'List', id, title });
const user = (name: string, lists: readonly object[]): object => ({
  user: { __typename: 'User', id: '1', name, lists },
});
const GROUPS = { 'self user': 'u@1', 'field user.lists': 'l@1', 'self user.lists.*': 'a@1 b@1' };
const two = [list('a', 'one'), list('b', 'two')];
const whole: Answer = () => ({ data: user('Ann', two), extensions: said(1, GROUPS) });

test('a position holds its keys, a key of scope self its object; where these cannot be paired, the position [12.1.1]', async () => {
  const page = open([whole]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  page.tell('b', 2);
  await until('the object is asked for', () => page.asked.length === 2);
  assert.equal(page.refetches()[1], [{ at: 'user.lists.*', ids: ['b'] }]);
  for (const answer of [
    { data: user('Ann', two), extensions: said(1, { ...GROUPS, 'self user.lists.*': 'a@1 b@1 c@1' }) },
    {
      data: user('Ann', [list('a', 'one'), { title: 'without an id' }]),
      extensions: said(1, GROUPS),
    },
  ]) {
    const other = open([() => answer]);
    const also = other.watch(USER);
    await until('it is there', () => also.now() !== undefined);
    other.tell('b', 2);
    await until('the position is asked for', () => other.asked.length === 2);
    assert.equal(other.refetches()[1], [{ at: 'user.lists' }]);
  }
});

test('a set is held as long as a key of it is left, and the new one is subscribed before it is given up [12.1.1, 12.2.7]', async () => {
  const part: Answer = () => ({ data: user('Ann', two), extensions: said(2, { 'field user.lists': 'l@2' }) });
  const page = open([
    whole,
    part,
    () => ({ data: user('Bob', two), extensions: said(3, { ...GROUPS, 'self user': 'u@2' }) }),
  ]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  assert.equal(page.log, ['add 1']);
  page.tell('l', 2);
  await until('a part is there', () => page.log.length === 2);
  assert.equal(page.log, ['add 1', 'add 2'], 'the user and the lists are keys of the first set');
  for (const name of ['u', 'a', 'b', 'l']) page.tell(name, 3);
  await until('all is there', () => page.log.length > 2);
  assert.equal(page.log, ['add 1', 'add 2', 'add 3', 'remove 1', 'remove 2']);
});

test('a set is sent with the versions and the asOf that were told [12.1.3]', async () => {
  const polls: { sets: { asOf: number; versions: number[] }[] }[] = [];
  const answers = [
    { asOf: 7, stale: { [key('u')]: 5, [key('unknown')]: 9 } },
    { asOf: 8, stale: { [key('u')]: 4 } },
  ];
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    polls.push(JSON.parse(String(init?.body)));
    const answer = answers.shift();
    return answer === undefined ? never(init) : new Response(JSON.stringify(answer));
  };
  const page = open([whole], polling({ url: 'http://server/deps/poll', fetch: fetch as never }));
  page.watch(USER);
  await until('it polls again and again', () => polls.length === 3);
  assert.equal(
    polls.map(({ sets: [set] }) => [set?.asOf, set?.versions]),
    [
      [1, [1, 1, 1, 1]],
      [7, [5, 1, 1, 1]],
      [8, [5, 1, 1, 1]],
    ],
  );
});

test('what a mutation invalidated is fetched without a frame, and its data is not shown [12.1.4, 12.1.5]', async () => {
  const mutated: Answer = () => ({
    data: { rename: { __typename: 'User', id: '1', name: 'of the mutation' } },
    extensions: { reactive: { v: 1, invalidated: key('u') + key('unknown') } },
  });
  const object = { __typename: 'User', id: '1', name: 'Bob' };
  const own = { at: 'user', objects: [object], groups: [{ at: 'user', scope: 'self', keys: [0, 1] }] };
  const part: Answer = () => ({
    data: {},
    extensions: said(2, { 'self user': 'u@2' }, { groups: [], objects: [own] }),
  });
  const page = open([whole, mutated, part]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  const { data } = await page.client.mutate(parse('mutation { rename { id name } }') as TypedDocument);
  assert.equal(plain(data), { rename: { id: '1', name: 'of the mutation' } });
  await until('it is shown', () => JSON.stringify(shown.now()).includes('Bob'));
  assert.equal(page.refetches(), ['all', 'all', [{ at: 'user', ids: ['1'] }]]);
  assert.not.match(JSON.stringify(shown.seen), 'of the mutation');
  page.tell('u', 2);
  await pause(100);
  assert.is(page.asked.length, 3, 'the frame that comes later tells nothing new');
});

test('keys above a requested position are added to its reading [12.2.4]', async () => {
  const part: Answer = () => ({
    data: user('Ann', [...two, list('c', 'three')]),
    extensions: said(2, {
      'field user': 'x@1',
      'self user': 'u@1',
      'field user.lists': 'l@2',
      'self user.lists.*': 'a@1 b@1 c@1',
    }),
  });
  const page = open([whole, part]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  page.tell('l', 2);
  await until('a part is there', () => JSON.stringify(shown.now()).includes('three'));
  page.tell('x', 2);
  await until('it is asked for', () => page.asked.length === 3);
  assert.equal(page.refetches().slice(1), [[{ at: 'user.lists' }], [{ at: 'user.lists' }]]);
});

test('an answer for objects replaces their own fields; one that is not shown is not written [12.2.4.1]', async () => {
  const answer =
    (object: object, asOf: number): Answer =>
    () => ({
      data: {},
      extensions: said(
        asOf,
        { 'self user.lists.*': `b@${asOf}` },
        {
          groups: [],
          objects: [
            { at: 'user.lists.*', objects: [object], groups: [{ at: 'user.lists.*', scope: 'self', keys: [0, 1] }] },
          ],
        },
      ),
    });
  const more = { 'field user.more': 'm@1', 'field user.most': 'n@1' }; // so that a position is a small part
  const first: Answer = () => ({ data: user('Ann', two), extensions: said(1, { ...GROUPS, ...more }) });
  const page = open([first, answer(list('b', 'renamed'), 2), answer(list('z', 'another'), 3)]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  page.tell('b', 2);
  await until('it is shown', () => JSON.stringify(shown.now()).includes('renamed'));
  page.tell('b', 3);
  await until('the position is asked for', () => page.asked.length === 4);
  assert.equal(page.refetches().slice(1), [
    [{ at: 'user.lists.*', ids: ['b'] }],
    [{ at: 'user.lists.*', ids: ['b'] }],
    [{ at: 'user.lists' }],
  ]);
  assert.equal(shown.now(), plain(user('Ann', [list('a', 'one'), list('b', 'renamed')])));
});

const DEEP = '{ user { id name lists { id title items { id } } } }';
test('on the way to a position nothing is written; where another list is there, it is fetched, too [12.2.5]', async () => {
  const deep = (id: string, title: string, ...items: string[]): object => ({
    ...list(id, title),
    items: items.map((one) => ({ __typename: 'Item', id: one })),
  });
  const groups = {
    'self user': 'u@1',
    'field user.lists': 'l@1',
    'self user.lists.*': 'a@1 b@1',
    'field user.lists.*.items': 'i@1',
  };
  const first: Answer = () => ({
    data: user('Ann', [deep('a', 'one'), deep('b', 'two')]),
    extensions: said(1, groups),
  });
  const part: Answer = () => ({
    data: user('on the way', [deep('b', 'on the way', 'i2'), deep('a', 'on the way', 'i1')]),
    extensions: said(2, { 'field user.lists.*.items': 'i@2' }),
  });
  const page = open([first, part]);
  const shown = page.watch(DEEP);
  await until('it is there', () => shown.now() !== undefined);
  page.tell('i', 2);
  await until('the list is asked for', () => page.asked.length === 3);
  assert.equal(page.refetches().slice(1), [[{ at: 'user.lists.*.items' }], [{ at: 'user.lists' }]]);
  assert.equal(shown.now(), plain(user('Ann', [deep('a', 'one', 'i1'), deep('b', 'two', 'i2')])), 'found by identity');
});

test('a record has a value for each field with its arguments, and is shared by type and id, or has a place [12.3.1, 12.3.2]', async () => {
  const one: Answer = () => ({
    data: { user: { __typename: 'User', id: '1', short: 'A', long: 'Ann', tag: { text: 'of one' } } },
    extensions: said(1, { 'self user': 'u@1' }),
  });
  const other: Answer = () => ({
    data: { me: { __typename: 'User', id: '1', short: 'B', tag: { text: 'of another' } }, none: { short: 'C' } },
    extensions: said(2, { 'self me': 'u@2', 'field none': 'n@1' }),
  });
  const page = open([one, other]);
  const shown = page.watch('{ user { id short: name(max: 1) long: name(max: 9) tag { text } } }');
  await until('it is there', () => shown.now() !== undefined);
  const also = page.watch('{ me { id short: name(max: 1) tag { text } } none: me(at: 3) { short: name(max: 1) } }');
  await until('it is there', () => also.now() !== undefined);
  // The objects have the same type and id; a tag has a place below its user.
  assert.equal(shown.now(), { user: { id: '1', short: 'B', long: 'Ann', tag: { text: 'of another' } } });
  assert.equal((also.now() as { none: unknown }).none, { short: 'C' });
  assert.is(page.client.size.records, 4, 'the root, the user, its tag, and one without identity');
});

test('a value of an earlier moment does not replace one of a later moment, whichever came first [12.3.3]', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const late: Answer = async () => {
    await gate;
    return { data: { me: { __typename: 'User', id: '1', name: 'of 3' } }, extensions: said(3, { 'self me': 'u@1' }) };
  };
  const page = open([
    late,
    () => ({
      data: { user: { __typename: 'User', id: '1', name: 'of 5' } },
      extensions: said(5, { 'self user': 'u@2' }),
    }),
  ]);
  const earlier = page.watch('{ me { id name } }');
  await until('it is asked for', () => page.asked.length === 1);
  const later = page.watch('{ user { id name } }');
  await until('it is there', () => later.now() !== undefined);
  release();
  await until('it is there', () => earlier.now() !== undefined);
  assert.equal([earlier.now(), later.now()], [{ me: { id: '1', name: 'of 5' } }, { user: { id: '1', name: 'of 5' } }]);
});

test('where a record has not all fields of a query, the last data stays, and these are fetched [12.3.4]', async () => {
  const bare: Answer = () => ({
    data: {
      user: {
        __typename: 'User',
        id: '1',
        lists: [
          { __typename: 'List', id: 'a' },
          { __typename: 'List', id: 'c' },
        ],
      },
    },
    extensions: said(2, { 'field user.lists': 'l@1' }),
  });
  const page = open([whole, bare]);
  const shown = page.watch(USER);
  await until('it is there', () => shown.now() !== undefined);
  page.watch('{ user { id lists { id } } }');
  await until('the missing is asked for', () => page.asked.length === 3);
  assert.equal(page.refetches()[2], [{ at: 'user.lists.*.title' }]);
  assert.equal(shown.seen, [plain(user('Ann', two))]);
});

test('optimistic changes lie one above the other, and are applied again when what is below changes [12.4.1]', async () => {
  let fail: () => void = () => undefined;
  const failing: Answer = () =>
    new Promise((_resolve, reject) => {
      fail = () => reject(new Error('refused'));
    });
  const page = open([whole, failing]);
  const shown = page.watch(USER);
  const NAME = parse(USER) as TypedDocument<{ user: { name: string } }>;
  const name = (): string => (shown.now() as { user: { name: string } }).user.name;
  await until('it is there', () => shown.now() !== undefined);
  const add = (mark: string) => {
    const optimistic: NonNullable<Parameters<ReactiveClient['mutate']>[2]>['optimistic'] = (draft) =>
      draft.update(NAME, {}, (data) => ({ user: { ...data.user, name: `${data.user.name}${mark}` } }));
    return page.client.mutate(parse(`mutation { add(mark: "${mark}") }`) as TypedDocument, {}, { optimistic });
  };
  const first = add('!').catch((error: Error) => error.message);
  void add('?').catch(() => undefined);
  assert.is(name(), 'Ann!?');
  await until('the mutation is there', () => page.asked.length === 3);
  fail();
  assert.is(await first, 'refused');
  await until('it is taken back', () => name() === 'Ann?');
});

test.run();
