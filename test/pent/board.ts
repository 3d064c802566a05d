/** A small application for tests of Pent: boards with members, and cards on them, some secret. */
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchOptions,
  type KvetchSchema,
  memoryShards,
} from '../../src/kvetch.ts';
import { objectsOf } from '../../src/pent/ofType.ts';
import {
  allowIf,
  definePents,
  denyIf,
  Pent,
  PentContext,
  type PentContextOptions,
  type PentDefinition,
  type PentModel,
  type Policy,
  readEdge,
  readStoredId,
  sameAs,
  type WriteHooks,
} from '../../src/pent.ts';

export interface Viewer {
  readonly name: string;
}

export const boardSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 200, name: 'Board', fields: { name: { kind: 'string', required: true }, members: 'json' } },
    {
      typeId: 201,
      name: 'Card',
      fields: { title: { kind: 'string', required: true }, slug: 'string', board: 'uuid', secretOf: 'string' },
    },
    { typeId: 202, name: 'Comment', fields: { text: 'string', card: 'uuid' } },
  ],
  edges: [
    { edgeId: 20, name: 'cards', from: 'Board', storedOn: 'Card', storedIdAttr: 'board' },
    { edgeId: 21, name: 'comments', from: 'Card', storedOn: 'Comment', storedIdAttr: 'card' },
  ],
  indexes: [
    { name: 'slug', type: 'Card', attr: 'slug', kind: 'string', unique: true },
    { name: 'title', type: 'Card', attr: 'title', kind: 'string' },
  ],
});

export class Board extends Pent {
  static override readonly definition: PentDefinition = { name: 'Board', typeId: 200 };
  static override readonly privacy: Policy<Board, Viewer> = {
    read: [allowIf('member', (board, { viewer }) => board.members.includes(viewer.name)), denyIf('others', () => true)],
  };

  get name(): string {
    return this.$record.name as string;
  }

  get members(): readonly string[] {
    return (this.$record.members ?? []) as readonly string[];
  }

  async cards(page: { first?: number; after?: string } = {}): Promise<readonly Card[]> {
    return objectsOf(await readEdge<Card>(this, 'cards', page));
  }
}

export class Card extends Pent {
  static override readonly definition: PentDefinition = { name: 'Card', typeId: 201, storedIds: { board: ['Board'] } };
  static override readonly privacy: Policy<Card, Viewer> = {
    read: [
      denyIf('secret', (card, { viewer }) => card.secretOf !== null && card.secretOf !== viewer.name),
      sameAs('board'),
    ],
    update: [allowIf('title', ({ data }) => data.title !== 'forbidden'), denyIf('rest', () => true)],
  };
  static override readonly hooks: WriteHooks<Card, Viewer> = {
    validators: [
      ({ data }) => (data.title === '' ? [{ field: 'title', message: 'It must not be empty.' }] : undefined),
    ],
    before: [({ kind, data }) => (kind === 'create' && data.slug === 'AUTO' ? { ...data, slug: 'auto' } : undefined)],
    after: [
      ({ data }) => {
        if (data.title === 'observed') throw new Error('observer');
      },
    ],
  };

  get title(): string {
    return this.$record.title as string;
  }

  get secretOf(): string | null {
    return (this.$record.secretOf ?? null) as string | null;
  }

  board(): Promise<Board | null> {
    return readStoredId(this, 'board', ['Board']);
  }
}

export class Comment extends Pent {
  static override readonly definition: PentDefinition = { name: 'Comment', typeId: 202, storedIds: { card: ['Card'] } };
  static override readonly privacy: Policy<Comment, Viewer> = { read: [sameAs('card')] };

  get text(): string {
    return this.$record.text as string;
  }
}

export const boardModel: PentModel = definePents({
  schema: boardSchema,
  pents: [Board, Card, Comment],
  byDefault: 'allow',
});

export function openBoards(backend: Omit<KvetchOptions, 'schema'> = { shards: memoryShards(2) }): Kvetch {
  return createKvetch({ schema: boardSchema, ...backend });
}

export function as(
  name: string,
  kvetch: Kvetch,
  options: Partial<PentContextOptions<Viewer>> = {},
): PentContext<Viewer> {
  return new PentContext({ kvetch, model: boardModel, viewer: { name }, ...options });
}
