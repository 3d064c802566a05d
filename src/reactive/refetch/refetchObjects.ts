import type { DocumentNode, ExecutionResult } from 'graphql';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { EngineArgs, ReactiveEngine } from '../ReactiveEngine.ts';
import type { ObjectsAtPosition, ObjectsPart } from '../tracking/ColumnsByPosition.ts';
import { eachObjectIn, isObject, objectsIn, type ResponseObject } from '../tracking/objectsIn.ts';
import { type OwnFields, ownFieldsAt } from '../tracking/objectsOf.ts';
import type { Position } from '../tracking/Place.ts';
import { type SelfDocument, selfDocument } from './selfDocument.ts';

/** Some objects at a position, by their ids. */
export interface ObjectsAt {
  readonly at: Position;
  readonly ids: readonly string[];
}

/** The objects as they were read. */
export interface ObjectsRead {
  /** In the order of the ids; null: there is none, or none for this viewer. */
  readonly objects: readonly (ResponseObject | null)[];
  readonly errors: NonNullable<ExecutionResult['errors']>;
  /** Maps positions of the run operation to those of the original one. */
  readonly place: (at: Position) => Position;
  /** The data of the run, by positions of the original operation. */
  readonly objectsAt: ObjectsAtPosition;
  /** The objects that were asked for, where others were run with them. */
  readonly part: ObjectsPart | null;
}

const made = new WeakMap<DocumentNode, Map<string, SelfDocument | null>>();

/** Reads an operation's selections of some objects, as far as they are read from the objects themselves. */
export async function refetchObjects<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  { at, ids }: ObjectsAt,
  byNode: boolean,
): Promise<ObjectsRead> {
  const path = at.split('.').filter((key) => key !== '*');
  const { document, operationName = null } = args;
  const { plan } = engine.prepare(document, operationName, { branches: 'all' });
  const own = ownFieldsAt(plan, path);
  if (!byNode) return readAtPosition(engine, args, { at, ids }, path, own);
  // Few different operations serve all numbers of ids.
  const count = 2 ** Math.ceil(Math.log2(ids.length));
  const known = getOrCreate(made, document, () => new Map<string, SelfDocument | null>());
  const key = JSON.stringify([operationName, path, count]);
  let self = known.get(key);
  if (self === undefined) {
    self = selfDocument(engine.schema, document, operationName, path, own, count);
    if (self !== null) engine.trustDocument?.(self.document);
    if (own.length > 0) known.set(key, self); // other positions do not exist: there is no end to them
  }
  return self === null
    ? readAtPosition(engine, args, { at, ids }, path, own)
    : readNodes(engine, args, { at, ids }, self);
}

/** Reads objects by `node`. */
async function readNodes<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  { at, ids }: ObjectsAt,
  { document, names }: SelfDocument,
): Promise<ObjectsRead> {
  const nodes = Object.fromEntries(names.map((name, n) => [name, ids[n] ?? ids[0]]));
  const variableValues = { ...args.variableValues, ...nodes };
  const { data, errors = [] } = await engine.execute({ ...args, document, variableValues });
  const objects = ids.map((_, n) => {
    const object = data?.[itemAt(names, n)];
    return isObject(object) ? object : null;
  });
  return {
    ...{ objects, errors, part: null },
    place: (run) => [at, ...run.split('.').slice(1)].join('.'),
    objectsAt: objectsBelow(at, objects),
  };
}

/** Reads all objects at the position, where they cannot be read alone. */
async function readAtPosition<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  { at, ids }: ObjectsAt,
  path: readonly string[],
  own: readonly OwnFields[],
): Promise<ObjectsRead> {
  const positions = own.flatMap(({ always }) => always.map((key) => [...path, key]));
  const isKnown = own.length > 0 && own.every(({ keys, always }) => keys.size === always.length);
  const { data, errors = [] } = await engine.executePositions(args, isKnown ? positions : [path]);
  const byId = new Map<unknown, ResponseObject>();
  for (const object of objectsIn(data, at)) for (const { id } of own) byId.set(object[id], object);
  const objects = ids.map((id) => byId.get(id) ?? null);
  return {
    objects,
    errors,
    place: (run) => run,
    objectsAt: (position, visit) => eachObjectIn(data, position, visit),
    part: { at, objectsAt: objectsBelow(at, objects) },
  };
}

/** The objects at positions at and below that of some objects. */
function objectsBelow(at: Position, objects: readonly (ResponseObject | null)[]): ObjectsAtPosition {
  return (position, visit) => objects.every((object) => eachObjectIn(object, position.slice(at.length + 1), visit));
}
