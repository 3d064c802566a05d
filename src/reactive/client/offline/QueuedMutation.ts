import type { AnyDocument, Variables } from '../document.ts';
import type { OfflineMutation } from '../OfflinePlug.ts';
import { isObject, type JsonObject } from '../Selection.ts';
import { type Layer, Ref } from '../Store.ts';

/** A mutation as it is stored. */
export interface QueuedMutation {
  readonly v: 1;
  /** Its idempotency key. */
  readonly key: string;
  /** When it was made: milliseconds since 1970. */
  readonly at: number;
  readonly document: AnyDocument;
  readonly variables: Variables;
  readonly how: OfflineMutation;
  /** Its optimistic changes, as they were when it was made. */
  readonly patch: readonly (readonly [record: string, values: readonly (readonly [key: string, value: unknown])[]])[];
}

/** Names of objects that the server does not know yet. */
export const NEW_ID = 'offline:';
const NEW_IDS = /offline:[0-9a-f]{32}/;

/** Ids are replaced in texts: each is long enough to be found nowhere else. */
export function isNewId(id: string): boolean {
  return NEW_IDS.exec(id)?.[0] === id;
}

/** How JSON has a link between records: no field has such a name. */
const LINK = '\0ref';

export function textOf(mutation: QueuedMutation): string {
  return JSON.stringify(mutation, (_key, value: unknown) => (value instanceof Ref ? { [LINK]: value.id } : value));
}

/** A stored mutation; null: nobody can read it. */
export function mutationOf(text: string): QueuedMutation | null {
  try {
    const read: unknown = JSON.parse(text);
    return isMutation(read) ? { ...read, patch: withLinks(read.patch) } : null;
  } catch {
    return null;
  }
}

function isMutation(read: unknown): read is QueuedMutation {
  if (!isObject(read)) return false;
  const { v, key, at, document, variables, how, patch } = read;
  return (
    v === 1 &&
    typeof key === 'string' &&
    typeof at === 'number' &&
    isObject(document) &&
    Array.isArray(document.definitions) &&
    isObject(variables) &&
    isObject(how) &&
    Array.isArray(patch) &&
    patch.every((entry) => Array.isArray(entry) && Array.isArray(entry[1]))
  );
}

function withLinks(patch: QueuedMutation['patch']): QueuedMutation['patch'] {
  return JSON.parse(JSON.stringify(patch), (_key, value: unknown) =>
    isObject(value) && typeof value[LINK] === 'string' ? new Ref(value[LINK]) : value,
  );
}

/** A document without the places of its nodes in a text, which graphql-js notes. */
export function withoutPlaces(document: AnyDocument): AnyDocument {
  return JSON.parse(JSON.stringify(document, (key, value: unknown) => (key === 'loc' ? undefined : value)));
}

export function patchOf({ patch }: Layer): QueuedMutation['patch'] {
  return [...patch].map(([record, values]) => [record, [...values]]);
}

/** Shows stored changes. */
export function showing(patch: QueuedMutation['patch']): Layer['run'] {
  return (_view, sink) => {
    for (const [record, values] of patch) for (const [key, value] of values) sink.put(record, key, value);
  };
}

/** The first object among the variables that the server does not know; undefined: there is none. */
export function unknownIn(variables: Variables): string | undefined {
  return NEW_IDS.exec(JSON.stringify(variables))?.[0];
}

/** A text of JSON with real ids in the place of those that pages have made. */
export function withIds(text: string, ids: ReadonlyMap<string, string>): string {
  let changed = text;
  for (const [id, real] of ids) changed = changed.replaceAll(id, () => JSON.stringify(real).slice(1, -1));
  return changed;
}

/** The value at a path of response keys. */
export function valueAt(data: unknown, path: string): unknown {
  let value = data;
  for (const key of path.split('.')) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** A copy of variables with a value at a path of names. */
export function withValueAt(
  variables: Variables,
  [name = '', ...below]: readonly string[],
  value: unknown,
): JsonObject {
  const inner = variables[name];
  return { ...variables, [name]: below.length === 0 ? value : withValueAt(isObject(inner) ? inner : {}, below, value) };
}
