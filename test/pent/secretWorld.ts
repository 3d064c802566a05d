/**
 * An application with many ways to an object, for worlds that differ in secrets alone. A rule finds its verdict by methods
 * that read past privacy. Where secrets are gone, these cannot tell any more: the viewer brings the verdicts.
 */
import { createIdGenerator } from '../../src/kvetch/ids/createIdGenerator.ts';
import {
  createKvetch,
  defineKvetchSchema,
  increment,
  type Kvetch,
  type KvetchOptions,
  type KvetchSchema,
  memoryShards,
} from '../../src/kvetch.ts';
import {
  allowAll,
  allowIf,
  type Context,
  definePents,
  denyIf,
  member,
  Pent,
  PentContext,
  type PentDefinition,
  type PentModel,
  type Policy,
  Ref,
  readEdgeList,
  readHasEdge,
  readStoredId,
  sameAs,
  type WriteHooks,
} from '../../src/pent.ts';

/** The objects of a world as they are stored. */
export interface Facts {
  readonly objects: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** The users that each user blocks. */
  readonly blocks: ReadonlyMap<string, readonly string[]>;
}

export interface Viewer {
  readonly id: string;
  /** Of the world with secrets; undefined in it. */
  readonly truth?: Facts;
  /** The same after a write. */
  readonly truthAfter?: Facts;
}

type Stored = Readonly<Record<string, unknown>>;

export type Truth = 'banned' | 'blocks' | 'private' | 'ownerBanned' | 'email' | 'boss' | 'note';

/** Each rule about an object, by what is stored. */
const truths: Readonly<Record<Truth, (record: Stored, viewer: string, facts: Facts) => boolean>> = {
  banned: ({ id, banned }, viewer) => banned === true && id !== viewer,
  blocks: ({ id }, viewer, { blocks }) => (blocks.get(String(id)) ?? []).includes(viewer),
  private: ({ owner, isPrivate }, viewer) => isPrivate === true && owner !== viewer,
  ownerBanned: ({ owner }, viewer, { objects }) => owner !== viewer && objects.get(String(owner))?.banned === true,
  email: ({ id, boss }, viewer) => id === viewer || boss === viewer,
  boss: ({ id, shy }, viewer) => id === viewer || shy !== true,
  note: ({ owner }, viewer) => owner === viewer,
};

export function isTrue(rule: Truth, id: string, viewer: string, facts: Facts): boolean {
  return truths[rule]({ id, ...facts.objects.get(id) }, viewer, facts);
}

/** The verdict of a rule: by its own reads, or where secrets are gone as it was with them. */
async function told(
  rule: Truth,
  { id, $record }: Pent,
  { viewer }: Context<Viewer>,
  own: Promise<boolean> | boolean,
): Promise<boolean> {
  const found = await own;
  const { truth, truthAfter = truth } = viewer;
  if (truth === undefined || truthAfter === undefined) return found;
  const isWritten = truth.objects.get(id)?.version !== $record.version;
  return isTrue(rule, id, viewer.id, isWritten ? truthAfter : truth);
}

export const storeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    {
      typeId: 700,
      name: 'User',
      fields: { name: 'string', email: 'string', boss: 'uuid', shy: 'bool', banned: 'bool' },
    },
    {
      typeId: 701,
      name: 'Doc',
      fields: { title: 'string', owner: 'uuid', isPrivate: 'bool', level: 'int', note: 'string' },
    },
    { typeId: 702, name: 'Remark', fields: { text: 'string', doc: 'uuid' } },
  ],
  edges: [
    { edgeId: 70, name: 'reports', from: 'User', storedOn: 'User', storedIdAttr: 'boss' },
    { edgeId: 71, name: 'docs', from: 'User', storedOn: 'Doc', storedIdAttr: 'owner' },
    { edgeId: 72, name: 'remarks', from: 'Doc', storedOn: 'Remark', storedIdAttr: 'doc' },
    { edgeId: 73, name: 'blocks', from: 'User', to: 'User' },
    { edgeId: 74, name: 'likes', from: 'User', to: 'Doc' },
    { edgeId: 75, name: 'byLevel', from: 'User', storedOn: 'Doc', storedIdAttr: 'owner', orderBy: ['-level', 'title'] },
    { edgeId: 76, name: 'byNote', from: 'User', storedOn: 'Doc', storedIdAttr: 'owner', orderBy: ['level', '-note'] },
    {
      edgeId: 77,
      name: 'noted',
      from: 'User',
      storedOn: 'Doc',
      storedIdAttr: 'owner',
      where: { note: ['note 1', null] },
    },
    {
      ...{ edgeId: 78, name: 'open', from: 'User', storedOn: 'Doc', storedIdAttr: 'owner' },
      ...{ where: { isPrivate: [false, null] }, orderBy: ['-title'] },
    },
    { edgeId: 79, name: 'stars', from: 'User', to: 'Doc', fields: { stars: 'int' }, orderBy: ['-stars'] },
    { edgeId: 80, name: 'byMail', from: 'User', storedOn: 'User', storedIdAttr: 'boss', orderBy: ['email'] },
  ],
  indexes: [
    { name: 'email', type: 'User', attr: 'email', kind: 'string' },
    { name: 'level', type: 'Doc', attr: 'level', kind: 'int' },
    { name: 'note', type: 'Doc', attr: 'note', kind: 'string' },
    { name: 'shelf', type: 'Doc', attrs: ['level', 'note'] },
    { name: 'titles', type: 'Doc', attrs: [], orderBy: ['title'], parts: 2 },
    { name: 'mails', type: 'User', attrs: [], orderBy: ['-email'], parts: 2 },
    { name: 'open_by_level', type: 'Doc', attrs: ['level'], where: { isPrivate: false }, orderBy: ['-note'] },
  ],
});

/** Lists of a user, with what they lead to. */
export const listsOfUser = {
  docs: 'Doc',
  likes: 'Doc',
  stars: 'Doc',
  byLevel: 'Doc',
  byNote: 'Doc',
  noted: 'Doc',
  open: 'Doc',
  reports: 'User',
  byMail: 'User',
} as const;
export const listNames: ReadonlyArray<keyof typeof listsOfUser> = Object.keys(listsOfUser) as never;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export class User extends Pent {
  static override readonly definition: PentDefinition = { name: 'User', typeId: 700, storedIds: { boss: ['User'] } };
  static override readonly privacy: Policy<User, Viewer> = {
    read: [
      denyIf('banned', (user, context) => told('banned', user, context, user.banned && user.id !== context.viewer.id)),
      denyIf('blocks', async (user, context) =>
        told(
          'blocks',
          user,
          context,
          user.blocks().then((blocked) => blocked.some(({ id }) => id === context.viewer.id)),
        ),
      ),
      allowAll,
    ],
    write: [
      // Who becomes the boss would see what the other world has lost.
      denyIf(
        'takes it',
        ({ data, before }, { viewer }) => data.boss === viewer.id && before?.$record.boss !== viewer.id,
      ),
      allowIf('others may', ({ data }) => data.name !== 'forbidden'),
    ],
    fields: {
      email: [
        allowIf('self or boss', (user, context) =>
          told(
            'email',
            user,
            context,
            user.boss().then((boss) => user.id === context.viewer.id || boss?.id === context.viewer.id),
          ),
        ),
      ],
      boss: [
        allowIf('not shy', {
          many: (users, context) =>
            Promise.all(
              users.map((user) =>
                told('boss', user, context, user.id === context.viewer.id || user.$record.shy !== true),
              ),
            ),
        }),
      ],
    },
  };
  static override readonly hooks: WriteHooks<User, Viewer> = {
    validators: [({ data }) => (data.name === '' ? [{ field: 'name', message: 'It must not be empty.' }] : undefined)],
  };
  get name(): string | null {
    return text(this.$record.name);
  }
  get email(): string | null {
    return text(this.$record.email);
  }
  get banned(): boolean {
    return this.$record.banned === true;
  }
  boss(): Promise<User | null> {
    return readStoredId(this, 'boss', ['User']);
  }
  blocks(): Promise<readonly User[]> {
    return readEdgeList<User>(this, 'blocks');
  }
  docs(): Promise<readonly Doc[]> {
    return readEdgeList<Doc>(this, 'docs');
  }
  /** Read past privacy: what is shown of it is the viewer's. */
  async picked({ ids }: { readonly ids: readonly string[] }): Promise<ReadonlyArray<Doc | null>> {
    return (await Pent.getMany.call(Pent as never, this.$context.unrestricted, ids)) as ReadonlyArray<Doc | null>;
  }
  async everything(): Promise<readonly Doc[]> {
    return (await User.getX(this.$context.unrestricted, this.id)).docs();
  }
  async reach(): Promise<number> {
    return (await this.docs()).length;
  }
  hasLiked({ id }: { readonly id: string }): Promise<boolean> {
    return readHasEdge(this, 'likes', 'from', id);
  }
  /** Objects that are named, and not read. */
  named({ ids }: { readonly ids: readonly string[] }): { readonly docs: Ref[]; readonly user: Ref } {
    return { docs: ids.map((id) => Ref.to(Doc, id)), user: Ref.to(User, ids[0] ?? '') };
  }
  /** Pages of what was found past privacy. */
  async search({ first, after }: { readonly first: number; readonly after: string | null }): Promise<unknown> {
    const all = (await this.everything()).map(({ id }) => id).sort();
    const rest = all.filter((id) => after === null || id > after);
    return { refs: rest.slice(0, first).map((id) => Ref.to(Doc, id)), hasNextPage: rest.length > first };
  }
}

export class Doc extends Pent {
  static override readonly definition: PentDefinition = { name: 'Doc', typeId: 701, storedIds: { owner: ['User'] } };
  static override readonly privacy: Policy<Doc, Viewer> = {
    read: [
      denyIf('private', (doc, context) =>
        told('private', doc, context, doc.$record.isPrivate === true && doc.$record.owner !== context.viewer.id),
      ),
      denyIf('owner is banned', (doc, context) =>
        told(
          'ownerBanned',
          doc,
          context,
          doc.owner().then((owner) => owner?.banned === true && owner.id !== context.viewer.id),
        ),
      ),
      allowAll,
    ],
    write: [
      denyIf('takes it', ({ data, before }, { viewer }) => {
        return before !== null && data.owner === viewer.id && before.$record.owner !== viewer.id;
      }),
      denyIf('sold', ({ data }) => data.title === 'sold', { message: 'Sell by accepting an offer.', code: 'NO_OFFER' }),
      allowAll,
    ],
    fields: {
      note: [
        allowIf('owner', (doc, context) =>
          told(
            'note',
            doc,
            context,
            doc.owner().then((owner) => owner?.id === context.viewer.id),
          ),
        ),
      ],
    },
  };
  get title(): string | null {
    return text(this.$record.title);
  }
  get level(): number | null {
    return (this.$record.level ?? null) as number | null;
  }
  get note(): string | null {
    return text(this.$record.note);
  }
  owner(): Promise<User | null> {
    return readStoredId(this, 'owner', ['User']);
  }
  async summary(): Promise<string> {
    return `${this.title}: ${this.note ?? '-'} of ${(await this.owner())?.name ?? '-'}`;
  }
}

export class Remark extends Pent {
  static override readonly definition: PentDefinition = { name: 'Remark', typeId: 702, storedIds: { doc: ['Doc'] } };
  static override readonly privacy: Policy<Remark, Viewer> = { read: [sameAs('doc'), allowAll], write: [allowAll] };
  static override readonly hooks: WriteHooks<Remark, Viewer> = {
    before: [({ data, unit }) => void unit?.add(member.update(Doc, String(data.doc), { level: increment() }))],
  };
  get text(): string | null {
    return text(this.$record.text);
  }
}

export const model: PentModel = definePents({ schema: storeSchema, pents: [User, Doc, Remark], byDefault: 'deny' });

/** Whether the viewer may read an object, by what is stored. */
export function isReadable(id: string, viewer: string, facts: Facts): boolean {
  const record = facts.objects.get(id);
  if (record === undefined) return false;
  if (record.type === 'User') return !isTrue('banned', id, viewer, facts) && !isTrue('blocks', id, viewer, facts);
  if (record.type === 'Doc') return !isTrue('private', id, viewer, facts) && !isTrue('ownerBanned', id, viewer, facts);
  return isReadable(String(record.doc), viewer, facts);
}

/** The attributes with rules, by type. */
export const ruled: Readonly<Record<string, readonly Truth[]>> = { User: ['email', 'boss'], Doc: ['note'], Remark: [] };

/** A store with ids and times of its own: two that are asked the same write the same. */
export function openStore(seed: number, now: () => number, changes?: KvetchOptions['changes']): Kvetch {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const ids = createIdGenerator({ clock: now, random });
  return createKvetch({ schema: storeSchema, shards: memoryShards(1), clock: now, ids, ...(changes && { changes }) });
}

export function contextOf(kvetch: Kvetch, viewer: Viewer): PentContext<Viewer> {
  return new PentContext<Viewer>({ kvetch, model, viewer, onError: () => {} });
}
