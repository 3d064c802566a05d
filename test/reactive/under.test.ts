/** Keys of a field that belong to single objects above it, and refetches of these objects' fields (spec 11.5.3.3, 11.6.5). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createReactive, memoryVersions } from '../../src/reactive.ts';
import { openView, type View } from '../../bench/reactive/view.ts';
import type { ReactiveExtension } from '../../src/reactive.ts';

const test = suite('scope under');

async function ask(view: View, refetch: unknown = undefined) {
  const before = view.kvetch.stats.snapshot();
  const result = await view.reactive.execute({
    document: view.document,
    variableValues: { id: view.user },
    contextValue: { kvetch: view.kvetch.forRequest() },
    extensions: { reactive: { v: 1, ...(refetch !== undefined && { refetch }) } },
    subject: 'ann',
  });
  const after = view.kvetch.stats.snapshot();
  return { result, reactive: result.extensions?.reactive as ReactiveExtension, bytes: JSON.stringify(result).length, calls: after.storeCalls - before.storeCalls, keys: after.keys - before.keys };
}

test('x', async () => {
  const view = await openView(memoryVersions(), 50, 20);
  const whole = await ask(view);
  console.log(whole.bytes, whole.calls, whole.keys, JSON.stringify(whole.reactive.groups), whole.reactive.status);
  const list = view.lists[7] ?? '';
  const part = await ask(view, [{ at: 'user.lists.*', ids: [list], fields: ['items'] }]);
  console.log(part.bytes, part.calls, part.keys, JSON.stringify(part.result, null, 1).slice(0, 6000));
});

test.run();
