import { ask } from '../ask.ts';
import type { ByHand, Workload } from '../Workload.ts';
import { ByteWriter, bytesOf } from './ByteWriter.ts';
import { nameOf, textOf } from './texts.ts';

type Entry =
  | { readonly __typename: 'Post'; readonly id: string; readonly text: string; readonly likes: number }
  | { readonly __typename: 'Photo'; readonly id: string; readonly url: string; readonly width: number }
  | { readonly __typename: 'Event'; readonly id: string; readonly title: string; readonly open: boolean }
  | { readonly __typename: 'Person'; readonly id: string; readonly name: string; readonly score: number };

function makeEntry(n: number): Entry {
  const id = `e${n}`;
  if (n % 4 === 0) return { __typename: 'Post', id, text: textOf(n), likes: n % 300 };
  if (n % 4 === 1) return { __typename: 'Photo', id, url: `https://example.org/photos/${n}.jpg`, width: 640 + n };
  if (n % 4 === 2) return { __typename: 'Event', id, title: textOf(n), open: n % 3 === 0 };
  return { __typename: 'Person', id, name: nameOf(n), score: n / 8 };
}

const writer = new ByteWriter();
const OPEN = bytesOf('{"data":{"feed":[');
const POST = bytesOf('{"__typename":"Post","id":');
const PHOTO = bytesOf('{"__typename":"Photo","id":');
const EVENT = bytesOf('{"__typename":"Event","id":');
const PERSON = bytesOf('{"__typename":"Person","id":');
const TEXT = bytesOf(',"text":');
const LIKES = bytesOf(',"likes":');
const URL = bytesOf(',"url":');
const WIDTH = bytesOf(',"width":');
const TITLE = bytesOf(',"title":');
const IS_OPEN = bytesOf(',"open":');
const NAME = bytesOf(',"name":');
const SCORE = bytesOf(',"score":');
const CLOSE = bytesOf(']}}');
const comma = 44;
const brace = 125;

const byHand: ByHand = {
  async bytes(store) {
    const [feed] = (await ask(store, 'feeds', [1000])) as readonly [readonly Entry[]];
    writer.raw(OPEN);
    for (let e = 0; e < feed.length; e++) {
      if (e > 0) writer.byte(comma);
      writeEntry(feed[e] as Entry);
    }
    writer.raw(CLOSE);
    return writer.take();
  },

  async objects(store) {
    const [feed] = (await ask(store, 'feeds', [1000])) as readonly [readonly Entry[]];
    return {
      feed: feed.map(entryObject),
    };
  },
};

function entryObject(entry: Entry): object {
  const { __typename, id } = entry;
  switch (__typename) {
    case 'Post':
      return { __typename, id, text: entry.text, likes: entry.likes };
    case 'Photo':
      return { __typename, id, url: entry.url, width: entry.width };
    case 'Event':
      return { __typename, id, title: entry.title, open: entry.open };
    case 'Person':
      return { __typename, id, name: entry.name, score: entry.score };
  }
}

function writeEntry(entry: Entry): void {
  switch (entry.__typename) {
    case 'Post':
      writer.raw(POST);
      writer.string(entry.id);
      writer.raw(TEXT);
      writer.string(entry.text);
      writer.raw(LIKES);
      writer.integer(entry.likes);
      break;
    case 'Photo':
      writer.raw(PHOTO);
      writer.string(entry.id);
      writer.raw(URL);
      writer.string(entry.url);
      writer.raw(WIDTH);
      writer.integer(entry.width);
      break;
    case 'Event':
      writer.raw(EVENT);
      writer.string(entry.id);
      writer.raw(TITLE);
      writer.string(entry.title);
      writer.raw(IS_OPEN);
      writer.boolean(entry.open);
      break;
    case 'Person':
      writer.raw(PERSON);
      writer.string(entry.id);
      writer.raw(NAME);
      writer.string(entry.name);
      writer.raw(SCORE);
      writer.float(entry.score);
      break;
  }
  writer.byte(brace);
}

/** 1,000 entries of a union, its four types in turn. */
export const union: Workload = {
  name: 'union',
  title: '1,000 rows of a union of four',
  mode: 'hot',
  typeDefs: `
    union Entry = Post | Photo | Event | Person
    type Query { feed(first: Int!): [Entry!]! }
    type Post { id: ID! text: String! likes: Int! }
    type Photo { id: ID! url: String! width: Int! }
    type Event { id: ID! title: String! open: Boolean! }
    type Person { id: ID! name: String! score: Float! }
  `,
  relations: { 'Query.feed': { kind: 'many', batch: 'feeds', by: { argument: 'first' } } },
  abstractTypes: ['Entry'],
  makeStore: () => {
    const entries = Array.from({ length: 1000 }, (_, n) => makeEntry(n));
    return { feeds: async (counts) => counts.map((count) => entries.slice(0, count as number)) };
  },
  byHand,
  document: () => `{
    feed(first: 1000) {
      __typename
      ... on Post { id text likes }
      ... on Photo { id url width }
      ... on Event { id title open }
      ... on Person { id name score }
    }
  }`,
  variables: () => ({}),
  unfit: {},
};
