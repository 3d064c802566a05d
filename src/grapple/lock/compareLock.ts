import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import { type GrappleModel, type IndexModel, isCustom, type PentModel } from '../model/Model.ts';
import { type Lock, type LockedEdge, type LockedList, type LockedType, lockedList } from './Lock.ts';

/** One change of a schema, and its effect on stored data. */
export interface SchemaChange {
  /** `refuse`: it would make data mean something else. `backfill`: "planql migrate" has work. */
  readonly effect: 'none' | 'tell' | 'backfill' | 'refuse';
  /** `User`, `User.name`, or the name of an edge or index: its place in the schema. Null for a removed part. */
  readonly place: string | null;
  /** A sentence or two. */
  readonly text: string;
}

/** The changes since the lock was written. */
export function compareLock(lock: Lock, model: GrappleModel): readonly SchemaChange[] {
  // Nothing was ever stored: all is new, and nothing is to be done.
  if (Object.keys(lock.types).length === 0) return [];
  const changes: SchemaChange[] = [];
  const add = (effect: SchemaChange['effect'], place: string | null, text: string): void =>
    void changes.push({ effect, place, text });
  for (const pent of model.pents) {
    // Of two types with one id, only the old owner is compared: another check reports that there are two.
    const owner = lock.types[pent.typeId]?.name;
    const isTwice = model.pents.some(({ name, typeId }) => name === owner && typeId === pent.typeId);
    if (!isTwice || pent.name === owner) compareType(lock, pent, add);
  }
  const there = new Set(model.pents.map(({ typeId }) => String(typeId)));
  for (const [id, { name, removed }] of Object.entries(lock.types)) {
    if (there.has(id) || removed || model.pents.some((pent) => pent.name === name)) continue;
    add(
      'tell',
      null,
      `The type ${name} (${id}) is gone. Its objects stay stored, and pents/${name}.ts may be deleted.`,
    );
  }
  const idOf = (name: string): number => model.pents.find((pent) => pent.name === name)?.typeId ?? 0;
  compareEdges(lock, model, idOf, add);
  compareIndexes(lock, model.indexes, idOf, add);
  return changes;
}

type Add = (effect: SchemaChange['effect'], place: string | null, text: string) => void;

function compareType({ types }: Lock, pent: PentModel, add: Add): void {
  const { name, typeId, renamedFrom } = pent;
  const locked = types[typeId];
  const [formerId] = Object.entries(types).find(([id, type]) => type.name === name && id !== String(typeId)) ?? [];
  if (formerId !== undefined && locked?.name !== name) {
    add(
      'refuse',
      name,
      `${name} has the type id ${typeId}, and had ${formerId}: its objects would be lost. Give it ${formerId} again.`,
    );
  } else if (locked === undefined) {
    add('none', name, `The type ${name} (${typeId}) is new. There is nothing to do.`);
  } else if (locked.name !== name && !renamedFrom.includes(locked.name)) {
    add(
      'refuse',
      name,
      `${name} has the type id ${typeId} of ${locked.name}, whose objects it would take over. Take another id; if ${locked.name} is called ${name} now, add @renamed(from: "${locked.name}").`,
    );
  } else {
    if (locked.name !== name)
      add(
        'none',
        name,
        `The type ${locked.name} is called ${name} now. Its objects need nothing; pents/${locked.name}.ts and its class need the new name.`,
      );
    compareAttributes(locked, pent, add);
  }
}

function compareAttributes(
  { attributes: before }: LockedType,
  { name: type, attributes, fields }: PentModel,
  add: Add,
): void {
  const names = new Set(attributes.map(({ name }) => name));
  const renamed = new Set(attributes.flatMap(({ renamedFrom }) => renamedFrom));
  const gone = Object.entries(before).filter(
    ([name, { removed, renamedTo }]) => !names.has(name) && !removed && renamedTo === undefined,
  );
  const lost = gone.filter(([name]) => !renamed.has(name));
  for (const { name, kind, required, renamedFrom } of attributes) {
    const place = `${type}.${name}`;
    const locked = before[name];
    if (locked === undefined) {
      const old = renamedFrom.find((former) => Object.hasOwn(before, former));
      const twin = lost.find(([, attribute]) => attribute.kind === kind);
      if (old !== undefined && before[old]?.kind !== kind) {
        add(
          'refuse',
          place,
          `${place} is ${words[kind]}, but ${type}.${old} was ${words[before[old]?.kind ?? kind]}. Keep the type when you rename.`,
        );
      } else if (old !== undefined) {
        add(
          'backfill',
          place,
          `${type}.${old} is called ${place} now. "planql migrate" moves stored values; until then they are read from both.`,
        );
      } else if (twin !== undefined) {
        add(
          'refuse',
          place,
          `${place} is new, and ${type}.${twin[0]} is gone: is it the same? Then add @renamed(from: "${twin[0]}"). Otherwise take ${type}.${twin[0]} away first, and generate in between.`,
        );
      } else if (required) {
        add(
          'tell',
          place,
          `${place} is new and required, but stored objects have none: reading it there fails. Make it nullable, or write it to all objects.`,
        );
      } else add('none', place, `${place} is new. Stored objects have null there.`);
      continue;
    }
    if (locked.kind !== kind) {
      add(
        'refuse',
        place,
        `${place} is ${words[kind]} and was ${words[locked.kind]}: stored values would be read wrongly. Add a field with another name instead.`,
      );
    } else if (required && locked.required !== true) {
      add('tell', place, `${place} is required now, but stored objects may have none: reading it there fails.`);
    }
  }
  for (const [name] of lost) {
    if (fields.some((field) => field.name === name && isCustom(field))) {
      add(
        'tell',
        `${type}.${name}`,
        `${type}.${name} is written by hand now, and its stored values are not read any more. To keep them, override its getter instead of @custom; for a stored id, keep @genFromStoredId beside @custom.`,
      );
      continue;
    }
    if (attributes.some((attribute) => before[attribute.name] === undefined && attribute.kind === before[name]?.kind))
      continue;
    add(
      'tell',
      null,
      `${type}.${name} is gone. Its values stay stored, and come back with a field of this name and type.`,
    );
  }
}

function compareEdges(
  { edges, types }: Lock,
  { edges: now, pents }: GrappleModel,
  idOf: (name: string) => number,
  add: Add,
): void {
  for (const edge of now) {
    const { edgeId, name, from, to, storedIdAttr } = edge;
    const locked = edges[edgeId];
    const isLike = (other: LockedEdge): boolean =>
      other.from === idOf(from) && other.to === idOf(to) && other.by === storedIdAttr;
    if (locked === undefined) {
      const [former] =
        Object.entries(edges).find(
          ([id, other]) =>
            other.name === name && !other.removed && isLike(other) && !now.some((one) => String(one.edgeId) === id),
        ) ?? [];
      if (former !== undefined)
        add(
          'refuse',
          name,
          `The edge "${name}" has the id ${edgeId}, and had ${former}: its entries would be lost. Give it ${former} again; for another edge, take this one away first, and generate in between.`,
        );
      else if (storedIdAttr === null)
        add('none', name, `The edge "${name}" (${edgeId}) is new. There is nothing to do.`);
      else
        add(
          'backfill',
          name,
          `The edge "${name}" (${edgeId}) is new. "planql migrate" fills it from the stored objects.`,
        );
      continue;
    }
    const isSame = locked.from === idOf(from) && locked.to === idOf(to);
    const wasRenamed = locked.by !== storedIdAttr && renamedTo(types, locked.to, locked.by) === storedIdAttr;
    if (!isSame || (locked.by !== storedIdAttr && !wasRenamed)) {
      add(
        'refuse',
        name,
        `The edge id ${edgeId} of "${name}" led elsewhere as "${locked.name}". Take another edge id: stored edges keep theirs.`,
      );
    } else if (!isSameList(locked.list, lockedList(edge).list)) {
      add(
        'refuse',
        name,
        `The list of the edge "${name}" (${edgeId}) has another order or other conditions now, and its stored rows are those of the old ones. Take another edge id, and another name.`,
      );
    } else if (locked.name !== name)
      add('none', name, `The edge "${locked.name}" is called "${name}" now. There is nothing to do.`);
  }
  for (const [id, { name, from, removed }] of Object.entries(edges)) {
    if (removed || now.some(({ edgeId }) => String(edgeId) === id)) continue;
    const mayBeTakenOver = pents.some(({ typeId, fields }) => typeId === from && fields.some(isCustom));
    const hint = mayBeTakenOver ? ' If its field is written by hand now, keep its directive beside @custom.' : '';
    add(
      'tell',
      null,
      `The edge "${name}" (${id}) is gone. Its entries stay stored, and are not kept up to date.${hint}`,
    );
  }
}

function isSameList(locked: LockedList | undefined, now: LockedList | undefined): boolean {
  const text = ({ where = {}, orderBy, parts }: LockedList = {}): string =>
    JSON.stringify([Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1)), orderBy, parts]);
  return text(locked) === text(now);
}

function renamedTo(types: Lock['types'], typeId: number, attribute: string | null): string | null {
  return attribute === null ? null : (types[typeId]?.attributes[attribute]?.renamedTo ?? null);
}

function compareIndexes(
  { indexes, types }: Lock,
  now: readonly IndexModel[],
  idOf: (name: string) => number,
  add: Add,
): void {
  for (const index of now) {
    const { name, type, attrs, kinds, unique } = index;
    const locked = indexes[name];
    const isAttr = (before: string, at: number): boolean =>
      locked !== undefined && (before === attrs[at] || renamedTo(types, locked.type, before) === attrs[at]);
    if (locked === undefined || locked.removed) {
      add('backfill', name, `The index "${name}" is new. "planql migrate" fills it from the stored objects.`);
    } else if (
      locked.type !== idOf(type) ||
      locked.kind !== kinds.join(',') ||
      !(locked.attr === '' ? [] : locked.attr.split(',')).every(isAttr)
    ) {
      const of = attrs.length === 0 ? `all objects of ${type}` : attrs.map((attr) => `${type}.${attr}`).join(', ');
      add(
        'refuse',
        name,
        `The index "${name}" is of ${of} now, and holds other values. Give the new index another name.`,
      );
    } else if (!isSameList(locked.list, lockedList(index).list)) {
      add(
        'refuse',
        name,
        `The index "${name}" has another order, other conditions or other parts now, and its stored rows are those of the old ones. Give the new index another name.`,
      );
    } else if (unique && locked.unique !== true) {
      add(
        'backfill',
        name,
        `The index "${name}" is unique now. Values that several objects share count as conflicts: change all but one of them.`,
      );
    }
  }
  for (const [name, { removed }] of Object.entries(indexes)) {
    if (removed || now.some((index) => index.name === name)) continue;
    add('tell', null, `The index "${name}" is gone. Its entries stay stored, and are not kept up to date.`);
  }
}

const words: Readonly<Record<FieldKind, string>> = {
  string: 'a text',
  int: 'an Int',
  float: 'a Float',
  bool: 'a Boolean',
  uuid: 'an id',
  date: 'a DateTime',
  bytes: 'bytes',
  json: 'JSON',
};
