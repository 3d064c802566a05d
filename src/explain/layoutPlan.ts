import type { LayerNode, Plan } from '../plan/Plan.ts';
import { itemAt } from '../utils/itemAt.ts';
import { edgesOf, type PlanEdge } from './edgesOf.ts';

/** Where something is drawn, in pixels from the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the layers and steps of a plan are drawn, each by its number. Null: it is left out. */
export interface PlanLayout {
  readonly width: number;
  readonly height: number;
  readonly layers: readonly (Box | null)[];
  readonly steps: readonly (Box | null)[];
  readonly edges: readonly PlanEdge[];
}

const STEP = { width: 232, height: 58 };
const COLUMN_GAP = 44;
const ROW_GAP = 12;
const PADDING = 16;
const HEADER = 30;
/** A column with more steps becomes several. */
const LONGEST_COLUMN = 12;
/** How much wider than high the layers inside a layer are placed. */
const ASPECT = 1.7;

/**
 * Draws layers as boxes in each other: in each its steps from left to right, dependents after their dependencies, and
 * below them its inner layers. Steps that are not `isShown` are left out, and so are layers without others.
 */
export function layoutPlan(plan: Plan, isShown: (step: number) => boolean = () => true): PlanLayout {
  const layers = new Array<Box | null>(plan.layers.length).fill(null);
  const steps = new Array<Box | null>(plan.steps.length).fill(null);
  const edges = edgesOf(plan, isShown);
  const dependencies = plan.steps.map((): number[] => []);
  for (const { from, to } of edges) if (to !== -1) itemAt(dependencies, to).push(from);
  const inside = childrenOf(plan.layers.map(({ parent }) => parent));
  const stepsIn = childrenOf(
    plan.steps.map(({ layer }, id) => (isShown(id) ? layer : -1)),
    plan.layers.length,
  );
  // Innermost first: parents come before the layers in them. Boxes are placed in their parent, and moved with it later.
  for (let id = plan.layers.length - 1; id >= 0; id--) {
    const own = placeColumns(columnsOf(dependencies, itemAt(stepsIn, id)), steps);
    const top = HEADER + (own.height > 0 ? own.height + PADDING : 0);
    const below = placeShelves(itemAt(inside, id), layers, top, own.width);
    if (id > 0 && own.height === 0 && below.height === 0) continue;
    const width = Math.max(own.width, below.width, STEP.width) + 2 * PADDING;
    layers[id] = { x: 0, y: 0, width, height: top + below.height + (below.height > 0 ? PADDING : 0) };
  }
  moveInto(plan, layers, steps);
  const { width, height } = layers[0] ?? { width: 0, height: 0 };
  return { width, height, layers, steps, edges };
}

/** By number, the numbers of those whose parent it is. */
function childrenOf(parents: readonly number[], count: number = parents.length): number[][] {
  const children = Array.from({ length: count }, (): number[] => []);
  parents.forEach((parent, id) => {
    children[parent]?.push(id);
  });
  return children;
}

/** Steps of one layer by the length of the longest way to them within it. */
function columnsOf(dependencies: readonly (readonly number[])[], own: readonly number[]): number[][] {
  const rank = new Map<number, number>();
  const ranks: number[][] = [];
  for (const id of own) {
    const place = Math.max(0, ...itemAt(dependencies, id).map((step) => (rank.get(step) ?? -1) + 1));
    rank.set(id, place);
    ranks[place] = [...(ranks[place] ?? []), id];
  }
  return ranks.flatMap((column) => chunks(ordered(dependencies, column, ranks), LONGEST_COLUMN));
}

/** Steps of a column in the order of their dependencies in the columns before it: fewer arrows cross. */
function ordered(
  dependencies: readonly (readonly number[])[],
  column: readonly number[],
  ranks: readonly number[][],
): number[] {
  const place = new Map(ranks.flatMap((ids) => ids.map((id, index) => [id, index] as const)));
  const middle = (id: number): number => {
    const places = itemAt(dependencies, id).flatMap((step) => place.get(step) ?? []);
    return places.length === 0 ? Number.POSITIVE_INFINITY : places.reduce((sum, at) => sum + at, 0) / places.length;
  };
  return [...column].sort((a, b) => middle(a) - middle(b) || a - b);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  const length = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, index) => items.slice(index * length, (index + 1) * length));
}

function placeColumns(columns: readonly number[][], boxes: (Box | null)[]): { width: number; height: number } {
  columns.forEach((column, index) => {
    const x = PADDING + index * (STEP.width + COLUMN_GAP);
    column.forEach((id, row) => {
      boxes[id] = { x, y: HEADER + row * (STEP.height + ROW_GAP), ...STEP };
    });
  });
  const longest = Math.max(0, ...columns.map(({ length }) => length));
  return {
    width: columns.length * (STEP.width + COLUMN_GAP) - (columns.length > 0 ? COLUMN_GAP : 0),
    height: longest * (STEP.height + ROW_GAP) - (longest > 0 ? ROW_GAP : 0),
  };
}

/** Places boxes side by side, and below each other where that gets too wide. */
function placeShelves(
  ids: readonly number[],
  boxes: (Box | null)[],
  top: number,
  least: number,
): { width: number; height: number } {
  const placed = ids.flatMap((id) => {
    const box = boxes[id];
    return box == null ? [] : [{ id, box }];
  });
  const area = placed.reduce((sum, { box }) => sum + box.width * box.height, 0);
  const widest = Math.max(least, Math.sqrt(area * ASPECT), ...placed.map(({ box }) => box.width));
  let [x, y, shelf, width] = [0, 0, 0, 0];
  for (const { id, box } of placed) {
    if (x > 0 && x + box.width > widest) [x, y, shelf] = [0, y + shelf + PADDING, 0];
    boxes[id] = { ...box, x: PADDING + x, y: top + y };
    width = Math.max(width, x + box.width);
    shelf = Math.max(shelf, box.height);
    x += box.width + PADDING;
  }
  return { width, height: y + shelf };
}

/** Places within their parents become places on the page, from the outside in. */
function moveInto(plan: Plan, layers: (Box | null)[], steps: (Box | null)[]): void {
  const moved = (box: Box | null, parent: number): Box | null => {
    const { x, y } = layers[parent] ?? { x: 0, y: 0 };
    return box && { ...box, x: box.x + x, y: box.y + y };
  };
  plan.layers.forEach(({ parent }: LayerNode, id) => {
    layers[id] = moved(layers[id] ?? null, parent);
  });
  plan.steps.forEach(({ layer }, id) => {
    steps[id] = moved(steps[id] ?? null, layer);
  });
}
