/** `planql/reactive/react`: hooks in components that React renders into a document. */

import { Window } from 'happy-dom';
import { Component, type ComponentType, createElement, memo, type ReactNode, StrictMode, Suspense } from 'react';
import * as assert from 'uvu/assert';
import type { MutationResult } from '../../../src/reactive-client.ts';
import { reactiveHooks } from '../../../src/reactive-react.ts';
import { until } from '../../support/until.ts';
import { at, casesOf, LISTS, type Lists, pause, SET_ITEM } from './cases.ts';
import { document as parsed } from './world.ts';

const page = new Window({ url: 'http://127.0.0.1/' });
// React looks for the page when it is loaded.
const globals = { window: page, document: page.document, navigator: page.navigator };
const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
for (const [name, value] of Object.entries(globals))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
const { createRoot } = await import('react-dom/client');
const { renderToString } = await import('react-dom/server');

const { test, open, ends } = casesOf('client, React');
test.after(async () => {
  // Other files run in this process.
  for (const [name, descriptor] of before)
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, descriptor);
  await page.happyDOM.close();
});

const QUERY = parsed(LISTS);
const SET = parsed(SET_ITEM);

/** Shows an element in the page. */
function show(element: ReactNode): { text(): string; again(element: ReactNode): void; end(): void } {
  const place = page.document.createElement('div');
  page.document.body.appendChild(place);
  const root = createRoot(place as never);
  root.render(element);
  ends.push(() => root.unmount());
  return { text: () => place.textContent ?? '', again: (next) => root.render(next), end: () => root.unmount() };
}

const textsOf = (data: unknown): string =>
  ((data as Lists | undefined)?.todoUser.todoLists ?? [])
    .flatMap(({ todoItems }) => todoItems.map(({ text }) => text))
    .join(', ');

test('a component shows what others change, and asks once, though its variables are another object each time', async () => {
  const { todo, ada, itemIds, client } = await open(1);
  const { useLive } = reactiveHooks(client());
  let renders = 0;
  const Texts = (): ReactNode => {
    renders++;
    const { status, data } = useLive(QUERY, { id: ada });
    return status === 'ready' ? textsOf(data) : status;
  };
  const shown = show(createElement(StrictMode, null, createElement(Texts)));
  await until('it is shown', () => shown.text() === 'item 0');
  shown.again(createElement(StrictMode, null, createElement(Texts)));
  await until('it is rendered again', () => renders > 4);
  assert.is(todo.asked.length, 1);
  await todo.kvetch.updateObject(at(itemIds, 0), { text: 'changed' });
  await until('the change is shown', () => shown.text() === 'changed');
  shown.end();
  const before = todo.asked.length;
  await todo.kvetch.updateObject(at(itemIds, 0), { text: 'unseen' });
  await pause(100);
  assert.is(todo.asked.length, before, 'nobody watches it');
});

test('components of objects that have not changed are not rendered again', async () => {
  const { todo, ada, itemIds, client } = await open(2);
  const { useLive } = reactiveHooks(client());
  const rendered: string[] = [];
  type Item = Lists['todoUser']['todoLists'][0]['todoItems'][0];
  const Item: ComponentType<{ item: Item }> = memo(({ item }: { item: Item }) => {
    rendered.push(item.text);
    return item.text;
  });
  const All = (): ReactNode => {
    const { data } = useLive(QUERY, { id: ada });
    const lists = (data as Lists | undefined)?.todoUser.todoLists ?? [];
    return lists.flatMap(({ todoItems }) => todoItems.map((item) => createElement(Item, { key: item.id, item })));
  };
  const shown = show(createElement(All));
  await until('both are shown', () => shown.text().includes('item 0') && shown.text().includes('item 1'));
  rendered.length = 0;
  await todo.kvetch.updateObject(at(itemIds, 0), { text: 'changed' });
  await until('the change is shown', () => shown.text().includes('changed'));
  assert.equal(rendered, ['changed']);
});

test('null in place of variables waits, and other variables show other data', async () => {
  const { todo, ada, client } = await open(1);
  const other = await todo.kvetch.createObject('TodoUser', { name: 'Bo', username: 'bo' });
  const { useLive } = reactiveHooks(client());
  const Name = ({ id }: { id: string | null }): ReactNode => {
    const { status, data } = useLive(QUERY, id === null ? null : { id });
    return status === 'ready' ? `${(data as Lists).todoUser.todoLists.length} lists` : status;
  };
  const shown = show(createElement(Name, { id: null }));
  await until('it waits', () => shown.text() === 'loading');
  await pause(30);
  assert.is(todo.asked.length, 0);
  shown.again(createElement(Name, { id: ada }));
  await until('it is shown', () => shown.text() === '1 lists');
  shown.again(createElement(Name, { id: other }));
  await until('the other one is shown', () => shown.text() === '0 lists');
});

test('a mutation says whether it runs, and what came of its last call', async () => {
  const { todo, itemIds, client } = await open(1);
  const { useMutation } = reactiveHooks(client({ onError: () => undefined }));
  const states: string[] = [];
  const functions = new Set<unknown>();
  let set: (text: string) => Promise<MutationResult<unknown>> = () => Promise.reject();
  const Change = (): ReactNode => {
    const [mutate, { isRunning, result, error }] = useMutation(SET);
    functions.add(mutate);
    set = (text) => mutate({ id: at(itemIds, 0), data: { text } });
    const outcome =
      error !== undefined ? 'failed' : result?.errors !== undefined ? 'refused' : result ? 'done' : 'none';
    const state = `${isRunning ? 'runs' : 'rests'}, ${outcome}`;
    if (states.at(-1) !== state) states.push(state);
    return state;
  };
  const shown = show(createElement(Change));
  await until('it is there', () => shown.text() === 'rests, none');
  const { data, errors } = await set('one');
  assert.ok(data);
  assert.is(errors, undefined);
  await until('it is done', () => shown.text() === 'rests, done');
  // Two at once: it runs until both have ended.
  let let1 = (): void => {};
  todo.before = ({ variables }) =>
    variables.data?.text === 'slow' ? new Promise<void>((resolve) => (let1 = resolve)) : undefined;
  const slow = set('slow');
  await set('quick');
  await until('one runs', () => shown.text() === 'runs, done');
  let1();
  await slow;
  await until('both are done', () => shown.text() === 'rests, done');
  await todo.away();
  let failure: unknown;
  await set('lost').catch((error) => (failure = error));
  assert.instance(failure, Error);
  await until('it has failed', () => shown.text() === 'rests, failed');
  await todo.back();
  await set('back');
  await until('the next one is done', () => shown.text() === 'rests, done');
  assert.is(functions.size, 1, 'it is one function');
});

test('with suspense a component waits for its first answer, which is asked for once', async () => {
  const { todo, ada, itemIds, client } = await open(1);
  const { useLive } = reactiveHooks(client());
  const statuses = new Set<string>();
  const Texts = (): ReactNode => {
    const { status, data } = useLive(QUERY, { id: ada }, { suspense: true });
    statuses.add(status);
    return textsOf(data);
  };
  let answer = (): void => {};
  todo.before = () => new Promise<void>((resolve) => (answer = resolve));
  const shown = show(createElement(Suspense, { fallback: 'waits' }, createElement(Texts)));
  await until('it waits', () => shown.text() === 'waits');
  await pause(30);
  answer();
  todo.before = () => undefined;
  await until('it is shown', () => shown.text() === 'item 0');
  assert.equal([...statuses], ['ready']);
  assert.is(todo.asked.length, 1);
  await todo.kvetch.updateObject(at(itemIds, 0), { text: 'changed' });
  await until('the change is shown', () => shown.text() === 'changed');
});

class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }
  override render(): ReactNode {
    const { error } = this.state;
    reset = () => this.setState({ error: null });
    return error === null ? this.props.children : `failed: ${error.name}`;
  }
}
let reset = (): void => {};

test('a failure without an answer goes to the error boundary; when the server is back, it is shown after a reset', async () => {
  const { todo, ada, client } = await open(1);
  const { useLive } = reactiveHooks(client({ onError: () => undefined }));
  await todo.away();
  const Texts = (): ReactNode => textsOf(useLive(QUERY, { id: ada }, { suspense: true }).data);
  const complained = console.error;
  console.error = () => undefined; // React tells of errors that a boundary caught
  ends.push(() => {
    console.error = complained;
  });
  const shown = show(
    createElement(Boundary, null, createElement(Suspense, { fallback: 'waits' }, createElement(Texts))),
  );
  await until('it has failed', () => shown.text().startsWith('failed'));
  await todo.back();
  await until('it is shown', () => {
    reset();
    return shown.text() === 'item 0';
  });
});

test('a server that renders React asks nothing and shows nothing of a client', async () => {
  const { todo, ada, client } = await open(1);
  const one = client();
  const { useLive } = reactiveHooks(one);
  const stop = one.watch(QUERY, { id: ada }).subscribe(() => undefined);
  await until('the client has data', () => one.watch(QUERY, { id: ada }).getSnapshot().status === 'ready');
  const Texts = ({ suspense }: { suspense: boolean }): ReactNode =>
    suspense
      ? useLive(QUERY, { id: ada }, { suspense: true }).status
      : useLive(QUERY, { id: ada }).status + textsOf(useLive(QUERY, { id: ada }).data);
  assert.is(renderToString(createElement(Texts, { suspense: false })), 'loading');
  Reflect.deleteProperty(globalThis, 'window');
  try {
    assert.throws(() => renderToString(createElement(Texts, { suspense: true })), /"suspense" works in pages only/);
  } finally {
    Object.defineProperty(globalThis, 'window', { value: page, configurable: true, writable: true });
  }
  stop();
  assert.is(todo.asked.length, 1);
});

test('an option that does not exist is refused', async () => {
  const { useLive } = reactiveHooks((await open(1)).client());
  const Wrong = (): ReactNode => useLive(QUERY, { id: '' }, { suspence: true } as never).status;
  assert.throws(() => renderToString(createElement(Wrong)), /useLive has no option "suspence"/);
});

test.run();
