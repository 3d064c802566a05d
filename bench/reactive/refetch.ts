import { parse } from 'graphql';
import type { Kvetch } from '../../src/kvetch.ts';
import { createLiveQueries, memoryVersions } from '../../src/reactive.ts';
import { openView, type View } from './view.ts';

const LISTS = 20;
const ITEMS = 49;

/** What one change costs. */
interface Cost {
  readonly requests: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly calls: number;
  readonly keys: number;
}

type Refetch = readonly {
  readonly at: string;
  readonly ids?: readonly string[];
  readonly fields?: readonly string[];
}[];

/**
 * What it costs to show a change of a query of 1,001 objects again: by the whole operation, the position, the object, and by the
 * patch of a live query. Requests, their bytes and those of what comes back, calls of the store, and keys that these ask for:
 * counts, so a busy machine gives the same.
 */
export async function refetch(): Promise<Record<string, string>> {
  const view = await openView(memoryVersions(), LISTS, ITEMS);
  const { kvetch, lists, items } = view;
  const list = lists[7] ?? '';
  const item = items[7 * ITEMS] ?? '';
  const ways: Readonly<Record<string, { change(): Promise<unknown>; ways: Record<string, Refetch | null> }>> = {
    'a list is renamed': {
      change: () => kvetch.updateObject(list, { title: 'renamed' }),
      ways: { whole: null, position: [{ at: 'user.lists' }], object: [{ at: 'user.lists.*', ids: [list] }] },
    },
    'the text of an item changes': {
      change: () => kvetch.updateObject(item, { text: 'changed' }),
      ways: {
        whole: null,
        position: [{ at: 'user.lists.*.items' }],
        object: [{ at: 'user.lists.*.items.*', ids: [item] }],
      },
    },
    'an item is added': {
      change: () => kvetch.createObject('Item', { list, text: 'new', done: false, position: 99 }),
      ways: {
        whole: null,
        position: [{ at: 'user.lists.*.items' }],
        field: [{ at: 'user.lists.*', ids: [list], fields: ['items'] }],
      },
    },
    'the user is renamed': {
      change: () => kvetch.updateObject(view.user, { name: 'Anna' }),
      ways: { whole: null, object: [{ at: 'user', ids: [view.user] }] },
    },
  };
  const figures: Record<string, string> = {};
  const live = await openLive(view);
  for (const [what, { change, ways: own }] of Object.entries(ways)) {
    const costs: Record<string, Cost> = { 'live patch': await live.cost(change) };
    for (const [way, wanted] of Object.entries(own)) costs[way] = await ask(view, wanted);
    for (const [way, { requests, bytesUp, bytesDown, calls, keys }] of Object.entries(costs)) {
      figures[`${what}, ${way}`] =
        `${requests} requests, ${bytesUp} B up, ${bytesDown} B down, ${calls} calls, ${keys} keys`;
    }
  }
  await live.end();
  return figures;
}

/** The query, watched live by a client that takes patches. */
async function openLive(view: View): Promise<{ cost(change: () => Promise<unknown>): Promise<Cost>; end(): unknown }> {
  const { kvetch, reactive, text, user } = view;
  const { context, counts } = counted(kvetch);
  const payloads = createLiveQueries({ reactive }).execute({
    ...{ document: parse(text.replace(') {', ') @live {')), variableValues: { id: user }, subject: 'bench', context },
    extensions: { live: { patch: true } },
  });
  if (!('next' in payloads)) throw new Error('It is not live.');
  await payloads.next();
  return {
    async cost(change) {
      const { calls, keys } = counts;
      const next = payloads.next();
      await change();
      const { value } = await next;
      if (value?.extensions?.live === undefined) throw new Error(JSON.stringify(value));
      const bytesDown = JSON.stringify(value).length;
      return { requests: 0, bytesUp: 0, bytesDown, calls: counts.calls - calls, keys: counts.keys - keys };
    },
    end: () => payloads.return(),
  };
}

async function ask({ kvetch, reactive, document, text, user }: View, wanted: Refetch | null): Promise<Cost> {
  const variables = { id: user };
  const extensions = { reactive: { v: 1, ...(wanted !== null && { refetch: wanted }) } };
  const { context, counts } = counted(kvetch);
  const args = { document, variableValues: variables, contextValue: context(), extensions, subject: 'bench' };
  const result = await reactive.execute(args);
  if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
  return {
    ...{ requests: 1, bytesUp: JSON.stringify({ query: text, variables, extensions }).length, ...counts },
    bytesDown: JSON.stringify(result).length,
  };
}

/** Contexts whose calls of the store are counted. */
function counted(kvetch: Kvetch): { context(): object; readonly counts: { calls: number; keys: number } } {
  const counts = { calls: 0, keys: 0 };
  const context = (): object => {
    const { reads } = kvetch.forRequest();
    const own = new Proxy(reads.forRequest(), {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function' || name === 'forRequest') return method;
        return (given: readonly unknown[], ...rest: readonly unknown[]) => {
          counts.calls++;
          counts.keys += given.length;
          return method.call(target, given, ...rest);
        };
      },
    });
    return { kvetch: { reads: { ...reads, forRequest: () => own } } };
  };
  return { context, counts };
}
