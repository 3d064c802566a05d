import { anything, checkOptions, type OptionTable } from '../../../src/errors/checkOptions.ts';
import { PlanqlError } from '../../../src/errors/PlanqlError.ts';
import type { KvetchObject } from '../../../src/kvetch/KvetchObject.ts';
import type { EdgeRef, IndexRef, TypeRef } from '../../../src/kvetch/schema/KvetchSchema.ts';
import { access } from '../../../src/step/builtin/AccessStep.ts';
import { constant } from '../../../src/step/builtin/ConstantStep.ts';
import { resolveStep } from '../../../src/step/resolveStep.ts';
import type { Step } from '../../../src/step/Step.ts';
import { type ConnectionParts, ConnectionStep } from '../../connection/ConnectionStep.ts';
import { optionalArgument } from '../../optionalArgument.ts';
import { browseObjects } from '../browseObjects.ts';
import { countEdges, countIndex } from '../counts.ts';
import type { ListSource } from '../listSource.ts';
import { loadEdgeObjects, loadEdges } from '../loadEdges.ts';
import { loadIndex, loadIndexObjects } from '../loadIndex.ts';
import type { ListSteps } from '../paging.ts';
import { type RangeSteps, rangeStep } from '../RangeStep.ts';
import type { RawPages } from './ListPageStep.ts';
import { ListWindowStep } from './ListWindowStep.ts';
import { listParts } from './listParts.ts';
import { plannedFilter } from './plannedFilter.ts';

// No interface: it is not exported from the package, and declarations that users emit spell out aliases only.
/** An entry of a connection over a list of Kvetch. */
export type KvetchConnectionData = {
  /** The objects of the page, in order. */
  readonly nodes: readonly KvetchObject[];
  /** The objects with their cursors, and the data of plain edges. */
  readonly edges: ReadonlyArray<{ readonly node: KvetchObject; readonly cursor: string; readonly data: unknown }>;
  /** Relay's `PageInfo`. */
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** How many edges the list has (spec 10.5.7). */
  readonly totalCount: number;
};

/** The pagination arguments: a field's `fieldArgs`, or steps under these names. All must be global, as arguments are. */
export interface KvetchConnectionArgs {
  readonly $first?: Step<number | null | undefined>;
  readonly $last?: Step<number | null | undefined>;
  readonly $before?: Step<string | null | undefined>;
  readonly $after?: Step<string | null | undefined>;
  /** The list in the opposite order. */
  readonly $reverse?: Step<boolean | null | undefined>;
}

/** The options of the connections of Kvetch. */
export interface KvetchConnectionOptions {
  /** Plans whether an object is shown. Pages are filled up: hidden objects leave no gaps. */
  readonly filter?: ($object: Step<KvetchObject>) => Step<unknown>;
  /** How many further pages are read where objects are hidden from a page: 0 to 10. Default 2. */
  readonly furtherPages?: number;
  /** Let `totalCount` count objects that are hidden. Without it `totalCount` is an error where any may be. */
  readonly countHidden?: boolean;
  /** False: its pages are read in their turn, never before (spec/10-loads.md). */
  readonly ahead?: boolean;
  /** Bounds of a list that has an order: see `ListSteps`. `totalCount` counts what lies within them. */
  readonly range?: RangeSteps | Step;
  /** The value of `first` where the client gives none. Default 100, or `maxFirst`. */
  readonly defaultFirst?: number;
  /** The largest `first` and `last`. Default 1,000. */
  readonly maxFirst?: number;
}

const connectionOptions: OptionTable<KvetchConnectionOptions> = {
  filter: anything,
  furtherPages: anything,
  countHidden: anything,
  ahead: anything,
  range: anything,
  defaultFirst: anything,
  maxFirst: anything,
};

type WithObjects = ($of: Step<string>, page: ListSteps) => Step;

/** The steps and options of a connection. */
interface List {
  readonly source: ListSource;
  readonly $of: Step;
  /** Of lists in order of id: the prefix of their cursors. */
  readonly mark: string | null;
  readonly withObjects: WithObjects;
  readonly withoutObjects: WithObjects | null;
  readonly totalCount: ($of: Step<string>, range: Step | undefined) => Step;
}

const MAX_FURTHER = 10;

/**
 * Represents the list of `$id` over an edge as a Relay connection: `nodes`, `edges { cursor node data }`, `pageInfo` and
 * `totalCount`, which fields of these names find by themselves. Only selected parts are asked for. Objects that the
 * `authorize` of the nodes' type hides are left out, and pages stay full; cursors name nothing hidden.
 *
 * ```ts
 * Project: { plans: { issues: ($project, fieldArgs) => kvetchConnection('project_issues', get($project, 'id'), fieldArgs) } }
 * ```
 */
export function kvetchConnection(
  edge: EdgeRef,
  $id: Step<string | null | undefined>,
  fieldArgs: object = {},
  options: KvetchConnectionOptions = {},
): Step<KvetchConnectionData> {
  const name = typeof edge === 'object' ? edge.edgeId : edge;
  const $of = resolveStep('kvetchConnection', $id);
  return connectionOf(
    'kvetchConnection',
    {
      source: { kind: 'edge', name },
      $of,
      mark: null,
      withObjects: ($source, page) => loadEdgeObjects(name, $source, page),
      withoutObjects: ($source, page) => loadEdges(name, $source, page),
      totalCount: ($source, range) => countEdges(name, $source, { ahead: options.ahead, range }),
    },
    fieldArgs,
    options,
  );
}

/** Represents the objects that an index holds for a value, in its order, as a Relay connection like those of edges. */
export function kvetchIndexConnection(
  index: IndexRef,
  $value: Step,
  fieldArgs: object = {},
  options: KvetchConnectionOptions = {},
): Step<KvetchConnectionData> {
  const name = typeof index === 'object' ? index.name : index;
  const $of = resolveStep('kvetchIndexConnection', $value);
  return connectionOf(
    'kvetchIndexConnection',
    {
      source: { kind: 'index', name },
      $of,
      mark: `i:${name}`,
      withObjects: ($given, page) => loadIndexObjects(name, $given, page),
      withoutObjects: ($given, page) => loadIndex(name, $given, page),
      totalCount: ($given, range) => countIndex(name, $given, { ahead: options.ahead, range }),
    },
    fieldArgs,
    options,
  );
}

/** Represents all objects of a type, in order of id, as a Relay connection. There is no `totalCount`. */
export function kvetchBrowseConnection(
  type: TypeRef,
  fieldArgs: object = {},
  options: KvetchConnectionOptions = {},
): Step<KvetchConnectionData> {
  const name = typeof type === 'object' ? type.typeId : type;
  return connectionOf(
    'kvetchBrowseConnection',
    {
      source: { kind: 'browse', name },
      $of: constant('all'),
      mark: `t:${name}`,
      withObjects: (_$all, page) => browseObjects(name, page),
      withoutObjects: null,
      totalCount: () => {
        throw noCount(
          `the objects of the type "${name}" are not counted. Declare an index of it with attrs: [] and use kvetchIndexConnection`,
        );
      },
    },
    fieldArgs,
    options,
  );
}

function connectionOf(
  owner: string,
  list: List,
  fieldArgs: object,
  options: KvetchConnectionOptions,
): Step<KvetchConnectionData> {
  checkOptions(owner, options, connectionOptions);
  const { filter, furtherPages = 2, countHidden = false, maxFirst = 1000 } = options;
  const { defaultFirst = Math.min(100, maxFirst), ahead = true } = options;
  assertNumber('furtherPages', furtherPages, MAX_FURTHER);
  assertNumber('maxFirst', maxFirst, 1000);
  assertNumber('defaultFirst', defaultFirst, maxFirst);
  const { source, $of, mark } = list;
  const $args: Record<string, Step | undefined> = {};
  for (const name of ['first', 'last', 'before', 'after', 'reverse'] as const)
    $args[name] = optionalArgument(fieldArgs, `$${name}`);
  const $window = new ListWindowStep($args, { mark, reverse: true, defaultFirst, maxFirst });
  const { graph } = $window;
  const $range = rangeStep(options.range);
  const range = (): Step | undefined => ($range === null ? undefined : graph.resolve($range));
  // of an index it may be any value
  const of = (): Step<string> => graph.resolve($of) as Step<string>;
  const { coordinate } = $window;
  const isShown = () => plannedFilter(graph, coordinate, filter);
  const raw = (): RawPages => {
    const $resolved = graph.resolve($window);
    const { withoutObjects } = list;
    const page = (size: 'first' | 'limit'): ListSteps => ({
      $first: access<number>($resolved, size),
      $after: access<string | null>($resolved, 'after'),
      ...rest($resolved, range()),
      ahead,
    });
    return {
      withObjects: () => list.withObjects(of(), page('limit')),
      withoutObjects: withoutObjects === null ? null : () => withoutObjects(of(), page('first')),
    };
  };
  const parts: ConnectionParts = listParts({
    ...{ source, $of, $window, $range, mark, furtherPages },
    ...{ raw, isShown },
    readOn: ($more, $resolved) => {
      const page = { $first: access<number>($more, 'first'), $after: access<string>($more, 'after') };
      return list.withObjects(access<string>($more, 'of'), { ...page, ...rest($resolved, range()) });
    },
    totalCount: () => {
      const hiding = countHidden ? null : isShown();
      if (hiding === null) return list.totalCount(of(), range());
      throw new PlanqlError(
        'COUNTS_HIDDEN',
        `"totalCount" would count objects that ${hiding.by} hides. Pass { countHidden: true } if that number is no secret, or select no "totalCount".`,
      );
    },
  });
  const identity = [
    source,
    furtherPages,
    countHidden,
    ahead,
    $range,
    filter === undefined ? null : graph.paramsKey({ filter }),
  ];
  const hasCallback = filter !== undefined;
  const $connection = new ConnectionStep<KvetchConnectionData>($of, $window, identity, parts, {
    hasCallback,
    ...($range !== null && { $range }),
  });
  return $connection as Step<KvetchConnectionData>;
}

/** The direction of reading, and where a page ends. */
function rest($window: Step, range: Step | undefined): ListSteps {
  return {
    $reverse: access<boolean>($window, 'reverse'),
    $before: access<string | null>($window, 'until'),
    ...(range !== undefined && { range }),
  };
}

function noCount(why: string): PlanqlError<'NOT_COUNTED'> {
  return new PlanqlError('NOT_COUNTED', `"totalCount" is unknown: ${why}, or select no "totalCount".`);
}

function assertNumber(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new PlanqlError(
    'CONNECTION_OPTION',
    `"${name}" of a connection is ${String(value)}. It must be a whole number from 0 to ${most}.`,
  );
}
