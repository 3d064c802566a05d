import type { EdgesRequest, KvetchReads, ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import { PagesAhead } from '../../src/kvetch/reads/PagesAhead.ts';
import { AccessStep } from '../../src/step/builtin/AccessStep.ts';
import { ConstantStep } from '../../src/step/builtin/ConstantStep.ts';
import { EntryStep } from '../../src/step/builtin/EntryStep.ts';
import type { Layer } from '../../src/step/Layer.ts';
import type { Step } from '../../src/step/Step.ts';
import { EachStep } from '../lists/each.ts';
import { LoadStep } from '../load/LoadStep.ts';
import { RequestInfo } from '../load/RequestInfo.ts';
import { ListStep } from '../values/list.ts';

/** Loaders of objects, by which their loads are known: null, or in which attribute of what they load the objects are. */
export const objectLoaders: WeakMap<object, { readonly attribute: string | null }> = new WeakMap();

type Wanted = readonly [edge: string | number, first: number | null];

/**
 * Tells the load of the objects whose lists a load of pages reads: it knows their ids before it has them, so both are
 * one round. Only for first pages of a size that the plan knows, and where the pages are wanted of all objects: on the
 * way from these to the pages there is no condition but that they are there.
 */
export function announcePages($load: LoadStep<unknown>): void {
  const { graph } = $load;
  const $key = $load.dependency(0);
  if (graph.hasEffects || !($key instanceof ListStep)) return;
  const [$edge, $of, $first, $after] = $key.dependencies.map((_, at) => $key.dependency(at));
  if (!($edge instanceof ConstantStep && $first instanceof ConstantStep && $after instanceof ConstantStep)) return;
  if (($after.value ?? null) !== null || !isAttribute($of, 'id')) return;
  const $object = $of.dependency(0);
  const found = loadOf($object);
  if (found === null || !isUnconditional($load.layer, found.layer, $object)) return;
  found.$load.announce([$edge.value, $first.value ?? null] satisfies readonly unknown[]);
}

/** A load, and the layer in which all that it has can be found. */
interface ObjectLoad {
  readonly $load: LoadStep<unknown>;
  readonly layer: Layer;
}

/** The load that yields an object, or the objects of the list that it is an item of. */
function loadOf($object: Step): ObjectLoad | null {
  if (isLoadOf($object, null)) return { $load: $object, layer: $object.layer };
  if (!($object instanceof EntryStep) || $object.layer.kind !== 'list' || $object.layer.source === null) return null;
  const $list = $object.graph.resolve($object.layer.source);
  if ($list instanceof EachStep) return loadOfEach($list);
  if (!($list instanceof AccessStep) || $list.path.length !== 1) return null;
  const $page = $list.dependency(0);
  return isLoadOf($page, $list.path[0] as string) ? { $load: $page, layer: $page.layer } : null;
}

/** `loadObjects` of ids loads one object in each row of the list of ids. */
function loadOfEach($each: EachStep): ObjectLoad | null {
  const $load = $each.dependency(1);
  const isInEachRow = $load.layer === $each.dependencies[1]?.layer;
  return isInEachRow && isLoadOf($load, null) ? { $load, layer: $each.layer } : null;
}

function isLoadOf($step: Step, attribute: string | null): $step is LoadStep<unknown> {
  return $step instanceof LoadStep && objectLoaders.get($step.params.loader as object)?.attribute === attribute;
}

function isAttribute($step: Step | undefined, name: string): $step is AccessStep {
  return $step instanceof AccessStep && $step.path.length === 1 && $step.path[0] === name;
}

function isUnconditional(from: Layer, to: Layer, $object: Step): boolean {
  for (let layer: Layer | null = from; layer !== null; layer = layer.parent) {
    if (layer === to) return true;
    const isOfObject = layer.source !== null && $object.graph.resolve(layer.source) === $object;
    const isList = layer.kind === 'list' && layer.entry === $object && layer.stream === null;
    if (!isList && !(layer.kind === 'present' && isOfObject)) return false;
  }
  return false;
}

/** What reads are told of one request: with what was announced to the load, and with what is on its way already. */
export function withAhead(reads: KvetchReads, info: ReadExtra): ReadExtra {
  if (!(info instanceof RequestInfo)) return info; // requests that share their calls wait for each other anyway
  const wanted = (info.announced as readonly Wanted[]).map(
    ([edge, first]): Pick<EdgesRequest, 'edge' | 'first'> => ({ edge, first }),
  );
  const { trace, attributes } = info;
  const recordDependency = info.recordsDependencies ? info.recordDependency : undefined;
  return { trace, recordDependency, attributes, ahead: { wanted, pages: info.shared(reads, () => new PagesAhead()) } };
}
