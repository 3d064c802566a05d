import { nodeAt } from '../utils/nodeAt.ts';
import { isWithin } from './Layer.ts';
import type { Layer, LayerKind, PlanningGraph, Step } from './Step.ts';

/** The graph, as moving layers needs it. */
interface LayeredGraph extends PlanningGraph {
  readonly steps: readonly Step[];
  readonly layers: readonly Layer[];
  addLayer(kind: LayerKind, parent: Layer, source: Step, type: string | null): Layer;
  planIn(layer: Layer, plan: (layer: Layer) => Step): Step;
  outwards(from: Layer, deepest: Layer): Layer;
  maySettleIn(layer: Layer): boolean;
  staysInPlace(step: Step): boolean;
  share(layer: Layer): Layer;
  replace(step: Step, replacement: Step): void;
  mergeWithPeer(step: Step): boolean;
}

/** What was planned for the items of a list: the layer of the items, and the step that stands for the planned one there. */
export interface PlannedItems {
  readonly layer: Layer;
  readonly $result: Step;
}

/** What was planned for the items of a list, where the parts of the items are steps; null for any other step. */
export function plannedItemsOf($list: Step & { readonly plannedItems?: PlannedItems | null }): PlannedItems | null {
  return $list.plannedItems ?? null;
}

/**
 * Plans the items of a list in a layer of their own, then moves it outwards, as far as the list and all that was planned
 * for its items may lie (spec 2.7.8). Equal layers, and equal steps in them, become one there.
 */
export function planItemsApart(graph: LayeredGraph, $list: Step, plan: (layer: Layer) => Step): PlannedItems {
  const from = graph.layer;
  const firstStep = graph.steps.length;
  const layer = graph.addLayer('list', from, $list, null);
  const $result = graph.planIn(layer, plan);
  const deepest = deepestNeed(graph, layer, firstStep, $result);
  if (deepest === null) return { layer, $result };
  const target = graph.outwards(from, deepest);
  // Parts of the items are planned later, by the field: it has the rows of the layer where it is.
  const stays = $result.hasPlannedParts || !graph.maySettleIn(target);
  const moved = move(graph, layer, stays ? from : target, firstStep);
  return { layer: moved, $result: graph.resolve($result) };
}

/** The deepest layer outside of `layer` that something in it needs; null where something in it stays where it was planned. */
function deepestNeed(graph: LayeredGraph, layer: Layer, firstStep: number, $result: Step): Layer | null {
  let deepest = graph.root;
  const need = (needed: Layer): void => {
    if (needed.depth > deepest.depth && !isWithin(needed, layer)) deepest = needed;
  };
  need($result.layer);
  for (let index = layer.id; index < graph.layers.length; index++) {
    const inner = nodeAt(graph.layers, index);
    if (isWithin(inner, layer) && inner.source !== null) need(graph.resolve(inner.source).layer);
  }
  for (let index = firstStep; index < graph.steps.length; index++) {
    const step = nodeAt(graph.steps, index);
    if (step.replacement !== null || !isWithin(step.layer, layer)) continue;
    if (graph.staysInPlace(step) && step.layer.entry !== step) return null;
    // Also what is collected: it need not lie in the layer whose rows it is collected for.
    for (const dependency of step.dependencies) need(graph.resolve(dependency.step).layer);
  }
  return deepest;
}

/** Moves a layer to another parent. Where an equal one lies there, its steps and the layers in it join that one. */
function move(graph: LayeredGraph, layer: Layer, to: Layer, firstStep: number): Layer {
  const places = new Map<Layer, Layer>();
  const placeOf = (given: Layer): Layer => {
    if (given.id < layer.id || given.parent === null) return given;
    const known = places.get(given);
    if (known !== undefined) return known;
    const parent = given === layer ? to : placeOf(given.parent);
    const isMoved = given === layer || parent !== given.parent;
    given.parent = parent;
    given.depth = parent.depth + 1;
    const place = isMoved ? graph.share(given) : given;
    if (place !== given && given.entry !== null && place.entry !== null) graph.replace(given.entry, place.entry);
    places.set(given, place);
    return place;
  };
  const moved = placeOf(layer);
  if (moved === layer) {
    for (let index = layer.id; index < graph.layers.length; index++) placeOf(nodeAt(graph.layers, index));
    return layer;
  }
  for (let index = firstStep; index < graph.steps.length; index++) {
    const step = nodeAt(graph.steps, index);
    if (step.replacement !== null) continue;
    step.layer = placeOf(step.layer);
    for (const dependency of step.dependencies) {
      dependency.step = graph.resolve(dependency.step);
      if (dependency.layer !== null) dependency.layer = placeOf(dependency.layer);
    }
    graph.mergeWithPeer(step);
  }
  return moved;
}
