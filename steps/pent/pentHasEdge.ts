import type { Pent } from '../../src/pent/Pent.ts';
import { viewerObjectId } from '../../src/pent/viewerObjectId.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { get } from '../../src/step/get.ts';
import type { ParamShapes } from '../../src/step/paramShapes.ts';
import { Step } from '../../src/step/Step.ts';
import { fn } from '../fn.ts';
import { hasEdge } from '../kvetch/hasEdge.ts';
import { lambda } from '../values/lambda.ts';
import { contextOf } from './contextOf.ts';

/** Represents the id of the viewer. Yields null for viewers who are not signed in. */
export class ViewerIdStep extends Step<string | null> {
  static override readonly op = 'pent.viewerId';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  override execute(count: number, _values: readonly unknown[], extra: ExecuteExtra): ReadonlyArray<string | null> {
    return new Array<string | null>(count).fill(viewerObjectId(contextOf(extra).viewerId));
  }
}

/**
 * Represents whether a plain edge is there between objects that the viewer may read. The end that is not given is the
 * viewer's own object. Yields false where one of them is not there or hidden. All rows are one call, with those of other
 * fields.
 *
 * ```ts
 * Listing: { plans: { isFavourite: ($listing) => pentHasEdge('favourites', { $to: $listing }) } }
 * ```
 */
export function pentHasEdge(
  edge: string | number,
  { $from, $to }: { readonly $from?: Step<Pent | null>; readonly $to?: Step<Pent | null> },
): Step<boolean> {
  const idOf = ($end: Step<Pent | null> | undefined): Step<string | null> =>
    $end === undefined ? new ViewerIdStep() : get($end, 'id');
  return lambda(hasEdge(edge, idOf($from), idOf($to)), isTrue);
}

const isTrue = fn('pent.isTrue', (value: unknown) => value === true);
