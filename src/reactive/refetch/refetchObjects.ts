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
  /** The response keys of the fields that were asked for; null: their own fields. */
  readonly fields: readonly string[] | null;
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

/** Reads an operation's selections of some objects: those of some fields, or all that are read from the objects themselves. */
export async function refetchObjects<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  wanted: ObjectsAt,
  byNode: boolean,
): Promise<ObjectsRead> {
  const { at, ids, fields } = wanted;
  const path = at.split('.').filter((key) => key !== '*');
  const { document, operationName = null } = args;
  const { plan } = engine.prepare(document, operationName, { branches: 'all' });
  const own = ownFieldsAt(plan, path, fields);
  const hasFields = own.some(({ keys }) => keys.size > 0) && own.every(({ isStored }) => isStored);
  const isAlone = byNode && (fields === null || hasFields);
  if (!isAlone) return readAtPosition(engine, args, wanted, path, own);
  // Few different operations serve all numbers of ids.
  const count = 2 ** Math.ceil(Math.log2(ids.length));
  const known = getOrCreate(made, document, () => new Map<string, SelfDocument | null>());
  const key = JSON.stringify([operationName, path, count, fields]);
  let self = known.get(key);
  if (self === undefined) {
    self = selfDocument(engine.schema, document, operationName, path, own, count);
    if (self !== null) engine.trustDocument?.(self.document);
    // Other positions and fields do not exist: there is no end to them.
    if (own.some(({ keys }) => keys.size > 0)) known.set(key, self);
  }
  return self === null ? readAtPosition(engine, args, wanted, path, own) : readNodes(engine, args, wanted, self);
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
  { at, ids, fields }: ObjectsAt,
  path: readonly string[],
  own: readonly OwnFields[],
): Promise<ObjectsRead> {
  const keys = fields ?? own.flatMap(({ always }) => always);
  const positions = keys.map((key) => [...path, key]);
  const isKnown = fields !== null || (own.length > 0 && own.every((one) => one.keys.size === one.always.length));
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
