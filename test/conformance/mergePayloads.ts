import * as assert from 'uvu/assert';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';

type Path = readonly (string | number)[];

interface Entry {
  readonly id?: string;
  readonly subPath?: Path;
  readonly path?: Path;
  readonly label?: string;
  readonly data?: unknown;
  readonly items?: readonly unknown[] | null;
  readonly errors?: readonly { readonly message: string; readonly path?: Path; readonly locations?: unknown }[];
}

interface Payload extends Entry {
  readonly pending?: readonly { readonly id: string; readonly path: Path; readonly label?: string }[];
  readonly incremental?: readonly Entry[];
  readonly completed?: readonly Entry[];
  readonly hasNext?: boolean;
}

/** Parts that may have delivered the same, by their ids. */
interface Candidates {
  readonly id: string;
  readonly beside: readonly string[];
  readonly around: readonly string[];
}

export interface Merged {
  readonly data: unknown;
  /** All errors of all payloads, as text, sorted: in which order parts fail is not fixed. */
  readonly errors: readonly string[];
  /** The paths of fragments and lists that failed, by the error: one of several that each could fail with. */
  readonly failures: ReadonlyMap<string, readonly Path[]>;
  /** The label and path of everything that was ever pending, sorted. */
  readonly pending: readonly string[];
  /**
   * Those of `pending` that delivered something, failed, or are lists. Fields that two pending parts share come with either: named
   * are all at this path, and those around it that end later. A part ends before those that it contains.
   */
  readonly delivered: ReadonlyArray<readonly string[]>;
}

/** What a client has once it has read all payloads of a response. Fails where they are not a valid sequence. */
export function mergePayloads(given: readonly unknown[]): Merged {
  const payloads = given.map((payload) => JSON.parse(JSON.stringify(payload)) as Payload);
  const data = payloads[0]?.data;
  const errors = [...(payloads[0]?.errors ?? [])];
  const paths = new Map<string, Path>();
  const failures = new Map<string, Path[]>();
  const note = (error: unknown, path: Path): void => {
    getOrCreate(failures, JSON.stringify(error), () => []).push(path);
  };
  const pending: string[] = [];
  const names = new Map<string, string>();
  const delivered: Candidates[] = [];
  const completed: string[] = [];
  const told = (id: string): void => void delivered.push({ id, beside: [id], around: [] });
  const announce = ({ pending: announced = [] }: Payload): void => {
    for (const { id, path, label } of announced) {
      assert.not.ok(paths.has(id), `${id} is pending twice`);
      paths.set(id, path);
      const name = `${label ?? ''} at ${path.join('.')}`;
      pending.push(name);
      names.set(id, name);
    }
  };
  /** Parts at the path of one, and parts around it. */
  const besideAndAround = (id: string): Candidates => {
    const path = paths.get(id) as Path;
    const whole = [...paths].filter(([, of]) => of.every((key, index) => path[index] === key));
    const beside = whole.filter(([, { length }]) => length === path.length);
    return { id, beside: beside.map(([other]) => other), around: whole.map(([other]) => other) };
  };
  const endsLater =
    (id: string) =>
    (other: string): boolean =>
      completed.indexOf(other) > completed.indexOf(id);
  payloads.forEach((payload, index) => {
    const isLast = index === payloads.length - 1;
    if (payloads.length > 1) assert.is(payload.hasNext, !isLast, `hasNext of payload ${index}`);
    announce(payload);
    for (const { id, subPath = [], path: own, data: part, items, errors: failed = [] } of payload.incremental ?? []) {
      errors.push(...failed);
      if (id !== undefined) assert.ok(paths.has(id), `${id} is delivered and not pending`);
      if (id !== undefined) delivered.push(besideAndAround(id));
      const path = own ?? [...(paths.get(id as string) as Path), ...subPath];
      if (items === null || part === null) {
        for (const error of failed) note(error, path);
        continue;
      }
      if (items !== undefined) {
        const list = at(data, id === undefined ? path.slice(0, -1) : path) as unknown[];
        if (id === undefined) assert.is(list.length, path[path.length - 1], 'items continue their list');
        list.push(...items);
      } else mergeInto(at(data, path), part);
    }
    for (const { id, path } of payload.pending ?? []) {
      const target = at(data, path);
      assert.ok(target !== null && target !== undefined, `${id} is pending at ${path.join('.')}, where nothing is`);
      if (Array.isArray(target)) told(id);
    }
    for (const { id, errors: failed = [] } of payload.completed ?? []) {
      for (const error of failed) note(error, paths.get(id as string) as Path);
      if (failed.length > 0) told(id as string);
      assert.ok(paths.delete(id as string), `${id} is completed and not pending`);
      completed.push(id as string);
      errors.push(...failed);
    }
  });
  assert.is(paths.size, 0, 'all that was pending is completed');
  const texts = errors.map((error) => JSON.stringify(error));
  const named = delivered.map(({ id, beside, around }) =>
    [...new Set([...beside, ...around.filter(endsLater(id))])].map((part) => names.get(part) as string),
  );
  return { data, errors: texts.sort(), failures, pending: pending.sort(), delivered: named };
}

function at(data: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Record<string | number, unknown>)?.[key], data);
}

function mergeInto(target: unknown, part: unknown): void {
  const object = target as Record<string, unknown>;
  for (const [key, value] of Object.entries(part as object)) {
    const known = Object.hasOwn(object, key) ? object[key] : undefined;
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null)
      mergeInto(known, value);
    else {
      assert.ok(
        !Object.hasOwn(object, key) || JSON.stringify(known) === JSON.stringify(value),
        `${key} is delivered twice`,
      );
      object[key] = value;
    }
  }
}
