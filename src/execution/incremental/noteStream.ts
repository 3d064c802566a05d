import type { LayerNode, ListOutput } from '../../plan/Plan.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { FieldPlace, OutputState } from '../output/OutputState.ts';
import type { Complete } from '../output/OutputWriter.ts';
import { type RowMapper, rowMapper } from '../output/rowMappers.ts';
import { contextOfItems, type StreamSite } from './Deliveries.ts';

/** A list output that may be streamed, as closures need it. */
export interface CompiledSite extends StreamSite {
  readonly toParentRow: RowMapper | null;
}

/** Null for lists that are delivered whole. `layer` has the rows where the list stands. */
export function streamSite(
  { plan }: LinkedPlan,
  list: number,
  layer: number,
  place: FieldPlace,
  complete: Complete<OutputState>,
): CompiledSite | null {
  const { layer: own } = plan.outputs[list] as ListOutput;
  if (own === -1) return null;
  const { stream, parent } = plan.layers[own] as LayerNode;
  if (stream === null) return null;
  return { list, layer: own, label: stream.label, place, complete, toParentRow: rowMapper(plan, layer, parent) };
}

/** A list was written: what of it is to come is noted. */
export function noteStream({ deliveries, run, path, depth }: OutputState, site: CompiledSite, row: number): void {
  if (deliveries === null) return;
  const parentRow = site.toParentRow === null ? row : site.toParentRow(run, row);
  const rest = run.rests[site.layer]?.[parentRow];
  if (rest == null) return;
  const context = contextOfItems(deliveries.context);
  deliveries.streams.push({ site, run, parentRow, reader: rest.fork(), path: path.slice(0, depth), context });
}
