import { access } from '../../src/step/builtin/AccessStep.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { BOUNDARY } from '../../src/step/reads.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import { Step } from '../../src/step/Step.ts';
import { listLength } from '../lists/listLength.ts';
import { LoadManyStep } from '../load/loadMany.ts';
import { optionalArgument } from '../optionalArgument.ts';
import { CheckedKeyStep } from './CheckedKeyStep.ts';
import { EdgesStep } from './EdgesStep.ts';
import { PageInfoStep } from './PageInfoStep.ts';
import { PageStep } from './PageStep.ts';
import { WindowStep } from './WindowStep.ts';

export type ConnectionData<TNode = unknown> = {
  readonly nodes: readonly TNode[];
  readonly edges: ReadonlyArray<{ readonly node: TNode; readonly cursor: string }>;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number | null;
};

const PRESENT: object = Object.freeze({});

/**
 * Represents a Relay connection: its parts are steps of their own, made when they are asked for. Yields an empty object
 * that stands for it, null where there is no list; of a loader's list nothing is loaded for that.
 */
export class ConnectionStep<TNode = unknown> extends Step<ConnectionData<TNode> | null> {
  static override readonly op = 'connection';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;
  /** Plan time only. */
  readonly #$list: Step;
  readonly #$window: WindowStep;

  constructor($list: Step, $window: WindowStep) {
    super();
    this.#$list = $list;
    this.#$window = $window;
    this.addDependency($list instanceof LoadManyStep ? $list.dependency(0) : $list);
    this.addGlobalDependency($window);
    this.dependency(0).noteRead([BOUNDARY]);
  }

  protected override get forwardsReads(): boolean {
    return true;
  }

  /** The parts are read as steps; whoever reads the object itself gets none of them. */
  override noteRead(): void {}

  get(name: string): Step {
    const $list = this.graph.resolve(this.#$list);
    switch (name) {
      case 'nodes':
        return access(this.#page($list), 'rows');
      case 'edges':
        return new EdgesStep(this.#page($list), cursorLoader($list)) as unknown as Step;
      case 'pageInfo':
        return new PageInfoStep(this.#page($list), this.#$window as Step, cursorLoader($list)) as unknown as Step;
      case 'totalCount':
        return (($list instanceof LoadManyStep ? $list.$totalCount : null) ?? listLength(this.#whole($list))) as Step;
      default:
        return access(this as unknown as Step, name);
    }
  }

  #page($list: Step): Step {
    const $window = this.graph.resolve(this.#$window as Step);
    const isPaged = $list instanceof LoadManyStep && $list.source.pagination !== null;
    const $rows = isPaged ? $list.withPage(access($window, 'page')) : this.#whole($list);
    return new PageStep($rows as Step, $window as never) as unknown as Step;
  }

  /** The whole list; of a loader, only once the arguments are known to make sense. */
  #whole($list: Step): Step<readonly unknown[]> {
    if (!($list instanceof LoadManyStep)) return $list as Step<readonly unknown[]>;
    const $window = this.graph.resolve(this.#$window as Step);
    return $list.withKey(new CheckedKeyStep($list.dependency(0), $window) as Step) as unknown as Step<never>;
  }

  override execute(count: number, [keys]: readonly [readonly unknown[]]): ReadonlyArray<never> {
    const results = new Array<unknown>(count);
    for (let row = 0; row < count; row++) results[row] = keys[row] === null || keys[row] === undefined ? null : PRESENT;
    return results as never[];
  }
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

export interface ConnectionOptions extends ConnectionArguments {
  /** The field's arguments: those named `first`, `last`, `before`, `after` and `offset` are taken from it. */
  readonly fieldArgs?: object;
}

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
  const pagination = $resolved instanceof LoadManyStep ? $resolved.source.pagination : null;
  const $args: Record<string, Step | undefined> = {};
  for (const name of ['first', 'last', 'before', 'after', 'offset'] as const) {
    $args[name] = (options[name] as Step | undefined) ?? optionalArgument(options.fieldArgs, `$${name}`);
  }
  const $window = new WindowStep($args, {
    cursors: pagination?.cursor === undefined ? 'position' : 'cursor',
    offset: pagination?.offset === true,
    reverse: pagination?.reverse === true,
  });
  return new ConnectionStep<TNode>($resolved, $window) as unknown as Step<ConnectionData<TNode>>;
}
