import type { DependencyNode, Plan } from '../plan/Plan.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { itemAt } from '../utils/itemAt.ts';

/** An arrow from a step to a step that depends on it (`to`), or to the layer that gets its rows from it. */
export interface PlanEdge {
  readonly from: number;
  /** -1: to `layer`. */
  readonly to: number;
  readonly layer: number;
  readonly kind: DependencyNode['kind'] | 'source';
}

/** The arrows between the steps that are shown. One that leads through other steps is drawn once, as `list`. */
export function edgesOf({ steps, layers }: Plan, isShown: (step: number) => boolean): PlanEdge[] {
  const known = new Map<number, readonly number[]>();
  /** The step itself, or the nearest ones before it that are shown. */
  const nearest = (id: number): readonly number[] =>
    isShown(id)
      ? [id]
      : getOrCreate(known, id, () => [...new Set(itemAt(steps, id).dependencies.flatMap(({ step }) => nearest(step)))]);

  const intoSteps = steps.flatMap(({ dependencies }, to) => {
    if (!isShown(to)) return [];
    const direct = dependencies.filter(({ step }) => isShown(step));
    const through = new Set(dependencies.flatMap(({ step }) => (isShown(step) ? [] : nearest(step))));
    return [
      ...direct.map(({ step, kind }): PlanEdge => ({ from: step, to, layer: -1, kind })),
      ...[...through].map((from): PlanEdge => ({ from, to, layer: -1, kind: 'list' })),
    ];
  });
  const intoLayers = layers.flatMap(({ source }, layer) =>
    source === -1 ? [] : nearest(source).map((from): PlanEdge => ({ from, to: -1, layer, kind: 'source' })),
  );
  return [...intoSteps, ...intoLayers];
}
