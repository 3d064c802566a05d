import { anything, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { listLength } from '../lists/listLength.ts';
import { LoadManyStep } from '../load/loadMany.ts';
import { optionalArgument } from '../optionalArgument.ts';
import { CheckedKeyStep } from './CheckedKeyStep.ts';
import { type ConnectionData, type ConnectionParts, ConnectionStep } from './ConnectionStep.ts';
import { EdgesStep } from './EdgesStep.ts';
import { PageInfoStep } from './PageInfoStep.ts';
import { PageStep } from './PageStep.ts';
import { WindowStep } from './WindowStep.ts';

/** The parts of a connection over a list. Of a loader's list only the parts that they need are loaded. */
function partsOf($given: Step, $givenWindow: Step): ConnectionParts {
  const { graph } = $given;
  const resolved = (): Step => graph.resolve($given);
  const $window = (): Step => graph.resolve($givenWindow);
  /** The whole list; of a loader, only once the arguments are known to make sense. */
  const whole = ($list: Step): Step =>
    $list instanceof LoadManyStep ? $list.withKey(new CheckedKeyStep($list.dependency(0), $window())) : $list;
  const page = (): Step => {
    const $list = resolved();
    const isPaged = $list instanceof LoadManyStep && $list.source.pagination !== null;
    const $rows = isPaged ? $list.withPage(access($window(), 'page')) : whole($list);
    return new PageStep($rows, $window() as never);
  };
  return {
    nodes: () => access(page(), 'rows'),
    edges: () => new EdgesStep(page(), cursorLoader(resolved())),
    pageInfo: () => new PageInfoStep(page(), $window(), cursorLoader(resolved())),
    totalCount: () => {
      const $list = resolved();
      return ($list instanceof LoadManyStep ? $list.$totalCount : null) ?? listLength(whole($list) as never);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a step of any loader
function cursorLoader($list: Step): any {
  return $list instanceof LoadManyStep && $list.source.pagination?.cursor !== undefined ? $list.params.loader : null;
}

/** The pagination arguments as steps. They must be global, as arguments are. */
export interface ConnectionArguments {
  readonly first?: Step<number | null | undefined>;
  readonly last?: Step<number | null | undefined>;
  readonly before?: Step<string | null | undefined>;
  readonly after?: Step<string | null | undefined>;
  readonly offset?: Step<number | null | undefined>;
}

/** The options of `connection`. */
export interface ConnectionOptions extends ConnectionArguments {
  /** The field's arguments: those named `first`, `last`, `before`, `after` and `offset` are taken from it. */
  readonly fieldArgs?: object;
}

const connectionOptions: OptionTable<ConnectionOptions> = {
  first: anything,
  last: anything,
  before: anything,
  after: anything,
  offset: anything,
  fieldArgs: anything,
};

/**
 * Represents `$list` as a Relay connection: `nodes`, `edges { cursor node }`, `pageInfo` and `totalCount`, which fields
 * of these names find by themselves. A `loadMany` whose loader has `pagination` loads the page and no more (one row
 * more where `hasNextPage` or `hasPreviousPage` is selected); any other list is cut. Cursors that are none, `first` with
 * `last`, and negative numbers are field errors before anything is loaded.
 *
 * ```ts
 * plans: { friends: ($user, fieldArgs) => connection(loadMany(get($user, 'id'), friendsOf), { fieldArgs }) }
 * ```
 */
export function connection<TNode>(
  $list: Step<readonly TNode[] | null | undefined> | Step<readonly TNode[]>,
  options: ConnectionOptions = {},
): Step<ConnectionData<TNode>> {
  const $resolved = resolveStep('connection', $list);
  checkOptions('connection', options, connectionOptions);
  const pagination = $resolved instanceof LoadManyStep ? $resolved.source.pagination : null;
  const $args: Record<string, Step | undefined> = {};
  for (const name of ['first', 'last', 'before', 'after', 'offset'] as const) {
    $args[name] = options[name] ?? optionalArgument(options.fieldArgs, `$${name}`);
  }
  const $window = new WindowStep($args, {
    cursors: pagination?.cursor === undefined ? 'position' : 'cursor',
    offset: pagination?.offset === true,
    reverse: pagination?.reverse === true,
  });
  const $of = $resolved instanceof LoadManyStep ? $resolved.dependency(0) : $resolved;
  const parts = partsOf($resolved, $window);
  return new ConnectionStep<ConnectionData<TNode>>($of, $window, [$resolved], parts) as Step<ConnectionData<TNode>>;
}
