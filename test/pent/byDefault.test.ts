/** What definitions say of privacy, and what happens where nobody says anything. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../src/kvetch.ts';
import {
  allowAll,
  createPent,
  definePents,
  deletePent,
  Pent,
  type PentClass,
  PentContext,
  type Policy,
  requireThat,
  updatePent,
} from '../../src/pent.ts';

const test = suite('privacy by default');

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Shelf' },
    { typeId: 2, name: 'Book' },
  ],
});

class Shelf extends Pent {
  static override readonly definition = { name: 'Shelf', typeId: 1, public: true } as const;
}

class Book extends Pent {
  static override readonly definition = { name: 'Book', typeId: 2, storedIds: { shelf: ['Shelf'] }, sameAs: 'shelf' };
}

class OpenShelf extends Pent {
  static override readonly definition = { name: 'Shelf', typeId: 1 };
  static override readonly privacy: Policy = { read: [requireThat('seen', () => true)] };
}

async function worldOf(
  byDefault: 'allow' | 'deny',
  pents: readonly PentClass[],
): Promise<{ context: PentContext; id: string }> {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const id = await kvetch.createObject('Shelf', {});
  await kvetch.createObject('Book', { shelf: id });
  const model = definePents({ schema, pents, byDefault });
  return { context: new PentContext({ kvetch, model, viewer: null }), id };
}

async function codeOf(write: Promise<unknown>): Promise<unknown> {
  return write.then(
    () => 'done',
    (error: { readonly extensions?: { readonly code?: unknown } }) => error.extensions?.code,
  );
}

test('definitions say who may read; nobody may write', async () => {
  const { context, id } = await worldOf('deny', [Shelf, Book]);
  assert.is((await Shelf.getX(context, id)).id, id);
  assert.is((await Book.browse(context)).length, 1);
  assert.is(await codeOf(createPent(context, Book, { shelf: id })), 'FORBIDDEN');
  assert.is(await codeOf(updatePent(context, Shelf, id, { x: 1 })), 'FORBIDDEN');
  assert.is(await codeOf(deletePent(context, Shelf, id)), 'FORBIDDEN');
  assert.is(await codeOf(updatePent(context.unrestricted, Shelf, id, {})), 'done');
});

test('where the definition says nothing, nobody may read by "deny", and everybody by "allow"', async () => {
  class Silent extends Pent {
    static override readonly definition = { name: 'Shelf', typeId: 1 };
  }
  for (const byDefault of ['allow', 'deny'] as const) {
    const { context, id } = await worldOf(byDefault, [Silent, Book]);
    const isOpen = byDefault === 'allow';
    assert.is(await Silent.get(context, id).then((pent) => pent !== null), isOpen);
    assert.is((await Book.browse(context)).length, isOpen ? 1 : 0);
    assert.is(await codeOf(updatePent(context, Silent, id, {})), isOpen ? 'done' : 'NOT_FOUND');
  }
});

test('what the definition says holds by "allow", too', async () => {
  class Hidden extends Pent {
    static override readonly definition = { name: 'Shelf', typeId: 1 };
    static override readonly privacy: Policy = { read: [requireThat('no', () => false)], write: [allowAll] };
  }
  const { context } = await worldOf('allow', [Hidden, Book]);
  assert.is((await Book.browse(context)).length, 0);
});

test('a definition and a policy that both say who may read are an error', () => {
  class Both extends Book {
    static override readonly privacy: Policy = { read: [allowAll] };
  }
  assert.throws(
    () => definePents({ schema, pents: [Both] }),
    'Book is marked @sameAs(field: "shelf"), and pents/Book.ts has rules for "read", too. Take them away, or mark Book with @privacy.',
  );
});

test('a policy with rules for reads alone is warned of: all readers may write', () => {
  const warnings: string[] = [];
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error) => void warnings.push(String(warning));
  try {
    definePents({ schema, pents: [OpenShelf, Book] });
    definePents({ schema, pents: [OpenShelf, Book], byDefault: 'allow' });
    definePents({ schema, pents: [OpenShelf, Book], byDefault: 'deny' });
    definePents({ schema, pents: [Book] });
  } finally {
    process.emitWarning = emitWarning;
  }
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^Shelf: the policy has rules for "read" and none for writes/);
});

test.run();
