import type { FieldNode, OutputNode, Plan, PositionNode, StepNode } from '../../plan/Plan.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { Place, Position } from './Place.ts';

/** A position whose objects a step has read, one from each record. */
export interface ObjectPosition {
  readonly at: Position;
  /** The response keys that their ids may have. */
  readonly ids: readonly string[];
}

/** Steps that hand their values on, row by row or list by list. They hide or leave out; they compute nothing else. */
const HANDS_ON =
  /^(access|entry|present|visible|ofType|pent|pent\.(visible|page)|connection(\..+)?|kvetch\.(page|connectionEdges))$/;
/** Objects that these yield show others, and have nothing of these themselves. */
const SHOWS = /^(connection(\.edges)?|kvetch\.connectionEdges)$/;
/** The values that these compute of a list do not change with the objects in it. */
const COUNTS = /^(connection|kvetch)\.pageInfo$/;

/** Whether a step's value for a list is the same as long as the same objects are in it. */
export function countsOnly(plan: Plan, { read }: Place): boolean {
  return read !== -1 && COUNTS.test(itemAt(plan.steps, read).op);
}

/** Steps of planql that hide objects. */
const HIDES = /^(visible|ofType|pent(\..+)?)$/;

/** Whether the value of a position lacks objects that were read for it. */
export function mayHide(plan: Plan, { read }: Place): boolean {
  return read !== -1 && [...handedOn(plan, read)].some((step) => HIDES.test(itemAt(plan.steps, step).op));
}

/** The positions of a step's objects at or below one of its topmost positions. Empty: the data there is computed. */
export function objectPositions(
  plan: Plan,
  step: number,
  { at, output, read }: Place,
  holds: (guard: number) => boolean,
): readonly ObjectPosition[] {
  if (read === -1 || !handsOn(plan, read, step)) return [];
  const found: ObjectPosition[] = [];
  const go = (id: number, here: Position, from: number): boolean => {
    const node = itemAt(plan.outputs, id);
    switch (node.kind) {
      case 'list':
        return go(node.item.output, here === '' ? '*' : `${here}.*`, readOf(node.item, from));
      case 'abstract': {
        const known = found.length;
        const all = node.branches.every(({ position }) => go(position.output, here, readOf(position, from)));
        // The objects of the branches are one position.
        const ids = found.splice(known).flatMap((one) => (one.at === here ? one.ids : []));
        if (ids.length > 0) found.push({ at: here, ids });
        return all && ids.length > 0;
      }
      case 'object': {
        const ids = node.fields.filter((field) => isId(plan, field) && holds(field.guard)).map(({ key }) => key);
        if (ids.length > 0) return found.push({ at: here, ids }) > 0;
        if (!showsOthers(plan, from)) return false;
        return node.fields.every((field) => {
          if (!holds(field.guard) || isLeaf(itemAt(plan.outputs, field.position.output))) return true;
          const own = readOf(field.position, from);
          return !handsOn(plan, own, step) || go(field.position.output, `${here}.${field.key}`, own);
        });
      }
      default:
        return false;
    }
  };
  return go(output, at, read) ? found : [];
}

/** The step that a position reads, where its object is read from `from`. */
function readOf({ read }: PositionNode, from: number): number {
  return read.step === -1 ? from : read.step;
}

function isLeaf({ kind }: OutputNode): boolean {
  return kind !== 'object' && kind !== 'list' && kind !== 'abstract';
}

/** Whether a field is the id of its object. */
export function isId({ outputs }: Plan, { coordinate, position }: FieldNode): boolean {
  return coordinate.endsWith('.id') && isLeaf(itemAt(outputs, position.output));
}

/** Whether a step yields the reads of another one, and nothing that is computed from them. */
function handsOn(plan: Plan, id: number, source: number): boolean {
  return handedOn(plan, id).has(source);
}

/** A step, and those whose values it hands on. */
function handedOn(plan: Plan, id: number): ReadonlySet<number> {
  const all = new Set([id]);
  for (const one of all) {
    const step = itemAt(plan.steps, one);
    if (HANDS_ON.test(step.op) || readsNode(plan, step)) for (const needed of given(plan, one, step)) all.add(needed);
  }
  return all;
}

/** Whether a step yields the objects of connections, or their edges: planql has made them, and what is in them is data. */
function showsOthers(plan: Plan, id: number): boolean {
  const step = itemAt(plan.steps, id);
  if (step.op !== 'entry' && step.op !== 'present') return SHOWS.test(step.op);
  return given(plan, id, step).some((source) => showsOthers(plan, source));
}

/** Whether a step reads a property of an edge: no code of the application runs for it. */
export function readsEdge(plan: Plan, { op, dependencies: [edge] }: StepNode): boolean {
  return op === 'field' && edge !== undefined && showsOthers(plan, edge.step);
}

/** The other properties, `cursor` and `data`, are no objects that were read. */
function readsNode(plan: Plan, step: StepNode): boolean {
  return propertiesOf(step.params).fieldName === 'node' && readsEdge(plan, step);
}

function given({ layers, steps }: Plan, id: number, { op, layer, dependencies }: StepNode): readonly number[] {
  if (op === 'entry') {
    const { entry, source } = itemAt(layers, layer);
    return entry === id && source !== -1 ? [source] : [];
  }
  const first = dependencies[0];
  return first === undefined || !steps[first.step] ? [] : [first.step];
}

/** The objects at a position, by type, and which of their fields are read from the objects themselves. */
export interface OwnFields {
  readonly type: string;
  /** The response key of their id. */
  readonly id: string;
  /** The response keys of own fields. */
  readonly keys: ReadonlySet<string>;
  /** Those of them that every request has. */
  readonly always: readonly string[];
  /** Whether the objects are Kvetch's: read by their ids, they are the same. */
  readonly isStored: boolean;
}

/**
 * The own fields of the objects at a position (without list levels), or the fields with `wanted` response keys. Empty: no
 * objects with ids are there.
 */
export function ownFieldsAt(
  plan: Plan,
  path: readonly string[],
  wanted: readonly string[] | null = null,
): readonly OwnFields[] {
  const found: OwnFields[] = [];
  const go = (id: number, depth: number, from: number, layer: number): void => {
    const node = itemAt(plan.outputs, id);
    if (node.kind === 'list') {
      const { entry } = node.layer === -1 ? { entry: -1 } : itemAt(plan.layers, node.layer);
      const own = entry === -1 ? from : entry;
      go(node.item.output, depth, readOf(node.item, own), node.layer === -1 ? layer : node.layer);
    } else if (node.kind === 'abstract') {
      for (const branch of node.branches) {
        go(branch.position.output, depth, readOf(branch.position, from), branch.layer);
      }
    } else if (node.kind === 'object') {
      const own = node.layer === -1 ? layer : node.layer;
      if (depth === path.length) {
        const id = node.fields.find((field) => isId(plan, field));
        if (from === -1 || id === undefined) return;
        const fields =
          wanted === null
            ? ownFields(plan, node.fields, from, own)
            : node.fields.filter(({ key }) => wanted.includes(key));
        const always = fields.filter(({ guard }) => guard === 0).map(({ key }) => key);
        const isStored = [...handedOn(plan, from)].some((one) => loadsObjects(itemAt(plan.steps, one)));
        found.push({ type: node.type, id: id.key, keys: new Set(fields.map(({ key }) => key)), always, isStored });
        return;
      }
      for (const { key, position } of node.fields) {
        if (key === path[depth]) go(position.output, depth + 1, readOf(position, from), own);
      }
    }
  };
  go(plan.root, 0, -1, 0);
  return found;
}

/** The fields of objects in `layer`, which `from` yields, that need more of these than that they are there, and their ids. */
function ownFields(plan: Plan, fields: readonly FieldNode[], from: number, layer: number): readonly FieldNode[] {
  const objects = handedOn(plan, from);
  const isOwn = (field: FieldNode): boolean => {
    if (field.position.read.step === -1) return true;
    const all = stepsWithin(plan, field);
    for (const id of all) {
      if (objects.has(id)) return true;
      const step = itemAt(plan.steps, id);
      if (isIdOf(step, objects)) continue;
      for (const needed of [...step.dependencies.map((one) => one.step), ...decidingSteps(plan, step.layer, layer)]) {
        all.add(needed);
      }
    }
    return false;
  };
  return fields.filter(isOwn);
}

/** The steps that a field and all that is below it read or are decided by. Grows while it is read. */
function stepsWithin(plan: Plan, field: FieldNode): Set<number> {
  const steps = new Set<number>();
  const outputs = new Set<number>();
  const add = (...more: readonly number[]): void => {
    for (const step of more) if (step !== -1) steps.add(step);
  };
  const takeField = ({ position, requires, effects }: FieldNode): void => {
    add(position.read.step, requires, ...effects);
    outputs.add(position.output);
  };
  takeField(field);
  for (const id of outputs) {
    const node = itemAt(plan.outputs, id);
    if (node.kind === 'object') node.fields.forEach(takeField);
    if (node.kind === 'list') {
      add(node.item.read.step);
      outputs.add(node.item.output);
    }
    if (node.kind === 'abstract') {
      add(node.typename);
      for (const { position } of node.branches) {
        add(position.read.step);
        outputs.add(position.output);
      }
    }
  }
  return steps;
}

/** The steps that decide on the rows of a layer, without those that decide on a layer above it. */
function decidingSteps({ layers }: Plan, layer: number, above: number): readonly number[] {
  const known = new Set<number>();
  for (let id = above; id > 0; id = itemAt(layers, id).parent) known.add(id);
  const steps: number[] = [];
  for (let id = layer; id > 0 && !known.has(id); id = itemAt(layers, id).parent) {
    const { source, contributions } = itemAt(layers, id);
    for (const step of [source, ...(contributions ?? []).map((one) => one.step)]) if (step !== -1) steps.push(step);
  }
  return steps;
}

/** Whether a step reads the id of objects: that never changes. */
function isIdOf({ op, params, dependencies: [first] }: StepNode, objects: ReadonlySet<number>): boolean {
  if (op !== 'access' || first === undefined || !objects.has(first.step)) return false;
  const { path } = propertiesOf(params);
  return Array.isArray(path) && path.length === 1 && path[0] === 'id';
}

/** The loaders of Kvetch and Pent that yield objects. */
const OBJECTS = /^(kvetch|pent)\.(objects|edgeObjects|indexObjects|browse)/;

function loadsObjects({ params }: StepNode): boolean {
  return OBJECTS.test(loaderOf(params));
}

/** The name of a load step's loader; empty: it has none. */
export function loaderOf(params: StepNode['params']): string {
  const { $ref } = propertiesOf(propertiesOf(params).loader);
  return typeof $ref === 'string' ? $ref.replace(/^loader:/, '') : '';
}
