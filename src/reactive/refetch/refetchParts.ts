import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { DescribedObjects } from '../../utils/reactiveExtension.ts';
import type { EngineArgs, ReactiveEngine } from '../ReactiveEngine.ts';
import type { PositionColumns } from '../tracking/columns.ts';
import type { FieldRules } from '../tracking/FieldRules.ts';
import { eachObjectIn } from '../tracking/objectsIn.ts';
import type { Position } from '../tracking/Place.ts';
import { type Dependencies, Tracker } from '../tracking/Tracker.ts';
import { type ObjectsAt, refetchObjects } from './refetchObjects.ts';

const MAX_POSITIONS = 100;
const MAX_IDS = 100;

interface RefetchOptions {
  /** Whether objects may be read by `Query.node`. */
  readonly byNode: boolean;
  readonly rules: FieldRules;
}

/** The runs for a request. */
export interface Refetched {
  readonly result: ExecutionResult;
  readonly objects: readonly DescribedObjects[];
  /** The dependencies of the result, and then those of each of the objects. */
  readonly runs: readonly Dependencies[];
}

/** Runs the positions and objects that a request names in `extensions.reactive.refetch`, and nothing else of its operation. */
export async function refetchParts<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  refetch: readonly unknown[],
  options: RefetchOptions,
): Promise<Refetched> {
  try {
    const { positions, objects } = whatIsWanted(refetch);
    if (objects.length > 0) assertQuery(args);
    const [own, ...others] = await Promise.all([
      readPositions(engine, args, positions, options),
      ...objects.map((one) => readObjects(engine, args, one, options)),
    ]);
    const errors = [...(own.result.errors ?? []), ...others.flatMap((one) => one.errors)];
    return {
      result: errors.length === 0 ? own.result : { ...own.result, errors },
      objects: others.map((one) => one.read),
      runs: [own.dependencies, ...others.map((one) => one.dependencies)],
    };
  } catch (error) {
    if (!(error instanceof PlanqlError)) throw error;
    const refused = new GraphQLError(error.message, { extensions: { code: error.code } });
    return { result: { errors: [refused] }, objects: [], runs: [{ status: 'partial', groups: [] }] };
  }
}

interface PositionsRead {
  readonly result: ExecutionResult;
  readonly dependencies: Dependencies;
}

async function readPositions<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  positions: readonly Position[],
  { rules }: RefetchOptions,
): Promise<PositionsRead> {
  if (positions.length === 0) return { result: { data: {} }, dependencies: { status: 'full', groups: [] } };
  const tracker = new Tracker(rules);
  const tracked = { ...args, ...tracker.args };
  const result = await tracker.run(() =>
    positions.includes('') ? engine.execute(tracked) : engine.executePositions(tracked, positions.map(pathOf)),
  );
  return { result, dependencies: tracker.dependencies((at, visit) => eachObjectIn(result.data, at, visit)) };
}

interface PartRead {
  readonly read: DescribedObjects;
  readonly errors: NonNullable<ExecutionResult['errors']>;
  readonly dependencies: Dependencies;
}

async function readObjects<TArgs extends EngineArgs>(
  engine: ReactiveEngine<TArgs>,
  args: TArgs,
  wanted: ObjectsAt,
  { byNode, rules }: RefetchOptions,
): Promise<PartRead> {
  const tracker = new Tracker(rules);
  const tracked = { ...args, ...tracker.args };
  const { objects, errors, place, objectsAt, part } = await tracker.run(() =>
    refetchObjects(engine, tracked, wanted, byNode),
  );
  const { status, groups } = tracker.dependencies(objectsAt, place, part);
  // Who asks for some fields keeps the rest of the objects, with its keys.
  const isKept = ({ at, scope }: PositionColumns): boolean =>
    wanted.fields === null || scope !== 'self' || at !== wanted.at;
  return {
    ...{ read: { at: wanted.at, objects }, errors },
    dependencies: { status, groups: groups.filter(isKept) },
  };
}

interface Wanted {
  readonly positions: readonly Position[];
  readonly objects: readonly ObjectsAt[];
}

/** @throws PlanqlError `BAD_REFETCH` */
function whatIsWanted(refetch: readonly unknown[]): Wanted {
  const positions: Position[] = [];
  const objects: ObjectsAt[] = [];
  if (refetch.length === 0 || refetch.length > MAX_POSITIONS) throw badRefetch();
  for (const entry of refetch) {
    const { at, ids, fields } = propertiesOf(entry);
    if (!isText(at)) throw badRefetch();
    if (ids === undefined || ids === null) positions.push(at);
    else if (at !== '' && isTexts(ids) && (fields === undefined || fields === null || isTexts(fields))) {
      objects.push({ at, ids: [...new Set(ids)], fields: fields ?? null });
    } else throw badRefetch();
  }
  if (objects.reduce((sum, { ids }) => sum + ids.length, 0) > MAX_IDS) throw badRefetch();
  return { positions, objects };
}

function badRefetch(): PlanqlError {
  return new PlanqlError(
    'BAD_REFETCH',
    `"extensions.reactive.refetch" must be a list of 1 to ${MAX_POSITIONS} entries such as { at: "me.lists" }, { at: "me.lists.*", ids: ["7"] } or { at: "me.lists.*", ids: ["7"], fields: ["tasks"] }, with 1 to ${MAX_IDS} ids in all.`,
  );
}

/** The keys of a position: lists are no part of them. */
function pathOf(at: Position): readonly string[] {
  return at.split('.').filter((key) => key !== '*');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

/** @throws PlanqlError `PARTIAL_MUTATION`, `PARTIAL_SUBSCRIPTION` */
function assertQuery({ document, operationName }: EngineArgs): void {
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation !== 'mutation' && operation !== 'subscription') return;
  throw new PlanqlError(
    `PARTIAL_${operation.toUpperCase()}`,
    `A ${operation} cannot run in part. Run the whole operation.`,
  );
}
