import { manualKey } from '../../step/dependencyKey.ts';

/**
 * A dependency of a response, as text: `o:<id>`, `e:<edge id>:<id>`, `i:<index>:<key>` and `t:<type id>` are recorded
 * and invalidated by Kvetch, `m:<text>` by hand. `s:<subject>` is that of a subject's connections.
 */
export type DependencyKey = string;

export { manualKey };

/** The key of one object of Kvetch, whether it exists or not. */
export function objectKey(id: string): DependencyKey {
  return `o:${id}`;
}

/** The key of the list that an edge type (by its number) gives an object: its members and their order. */
export function edgeKey(edgeId: number, fromId: string): DependencyKey {
  return `e:${edgeId}:${fromId}`;
}

/** The key of an index's entries for a value, as Kvetch stores it (`s…` for texts). */
export function indexKey(index: string, storedValue: string): DependencyKey {
  return `i:${index}:${storedValue}`;
}

/** The key for the existence of objects of a type (by its number). */
export function typeKey(typeId: number): DependencyKey {
  return `t:${typeId}`;
}

/** The key for the connections of a subject. No data depends on it. */
export function subjectKey(subject: string): DependencyKey {
  return `s:${subject}`;
}

const KEY = /^[oeitms]:/;

/** The key of a text that a loader or step has recorded. A text of no known form is one of the application: `m:<text>`. Spec 11.1.3. */
export function toKey(recorded: string): DependencyKey {
  return KEY.test(recorded) ? recorded : manualKey(recorded);
}
