import { InternalError } from '../../errors/InternalError.ts';
import type {
  AheadNode,
  DeferNode,
  DependencyNode,
  FieldNode,
  Json,
  JsonObject,
  LayerNode,
  ListOutput,
  LoadNode,
  ObjectOutput,
  OutputNode,
  PositionNode,
  ReadNode,
  ResponsePathNode,
  RowsNode,
  StepNode,
  StreamNode,
} from '../../plan/Plan.ts';
import { quoteParam } from '../../plan/params.ts';
import { FieldStep } from '../../schema/steps/FieldStep.ts';
import { AccessStep, type PathKey } from '../../step/builtin/AccessStep.ts';
import { isWithin } from '../../step/Layer.ts';
import { isReferenceable, referenceName } from '../../step/references.ts';
import type { Layer, MaxRows, Step } from '../../step/Step.ts';
import type { FieldRows } from '../../step/StepLoad.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { mustGet } from '../../utils/mustGet.ts';
import type { DeferUsage } from '../construct/deferUsage.ts';
import { NEVER } from '../construct/GuardTable.ts';
import type { AbstractBuild, FieldBuild, Output, Position, ResponsePath } from '../construct/OutputTree.ts';
import type { PlanDraft } from '../PlanDraft.ts';

/** The parts of a plan that grow, and the functions it holds that have no name. */
export interface PlanParts {
  readonly steps: StepNode[];
  readonly layers: LayerNode[];
  readonly outputs: OutputNode[];
  readonly places: ResponsePathNode[];
  readonly defers: DeferNode[];
  readonly ahead: AheadNode[];
  readonly locals: unknown[];
}

/** Writes drafts down as plan data. Parts that the plan has already are not written again: branches are appended. */
export class PlanWriter {
  readonly parts: PlanParts = { steps: [], layers: [], outputs: [], places: [], defers: [], ahead: [], locals: [] };
  /** The abstract positions of the plan, by the step that yields their type names. */
  readonly abstracts: { readonly build: AbstractBuild; readonly output: number }[] = [];
  /** The steps of the plan, by their numbers in it. */
  readonly written: Step[] = [];
  /** By step of the graph and by layer of it: the number in the plan, -1 where it is not written. */
  readonly #steps: number[] = [];
  readonly #layers: number[] = [];
  readonly #outputs = new Map<Output, number>();
  /** Outputs that have no rows of their own, by kind, type and size. The texts of several are compared; mostly there is one. */
  readonly #plainOutputs = new Map<string, number | Map<string, number>>();
  #locals: Map<unknown, number> | null = null;
  #written: Map<Layer, number> | null = null;
  #draft!: PlanDraft;

  write(draft: PlanDraft, places: readonly ResponsePath[], usages: readonly DeferUsage[]): void {
    this.#draft = draft;
    const { steps, layers } = draft.graph;
    while (this.#steps.length < steps.length) this.#steps.push(-1);
    while (this.#layers.length < layers.length) this.#layers.push(-1);
    for (const step of draft.needed.keys()) if (draft.columns.has(step)) this.#step(step);
    for (const layer of draft.layers) this.#layer(layer);
    for (let index = draft.outputs.length - 1; index >= 0; index--) this.#output(itemAt(draft.outputs, index));
    for (const { branch } of draft.roots) if (branch !== null) this.#branch(branch.abstract, branch.position);
    for (let index = this.parts.places.length; index < places.length; index++) this.#place(itemAt(places, index));
    for (let index = this.parts.defers.length; index < usages.length; index++) {
      const { label, guard, parent } = itemAt(usages, index);
      this.parts.defers.push({ label, guard, parent: parent?.id ?? -1 });
    }
    this.#growContributions();
  }

  stepId(step: Step): number {
    const written = this.#writtenId(this.#draft.graph.resolve(step));
    if (written === -1) throw new InternalError(`${step.op} is used by the plan and was not written.`);
    return written;
  }

  /** The guard under which a step of the plan runs. */
  guardOf(step: Step): number {
    return this.parts.steps[this.#writtenId(step)]?.guard ?? NEVER;
  }

  isWritten(step: Step): boolean {
    return this.#writtenId(step) !== -1;
  }

  #writtenId({ stepNumber: id }: Step): number {
    return this.#steps[id] ?? -1;
  }

  outputId(output: Output): number {
    return mustGet(this.#outputs, output);
  }

  /** The layer's number; -1 for one without rows of its own. */
  #layer(layer: Layer): number {
    if (!this.#draft.layers.has(layer)) return -1;
    let id = itemAt(this.#layers, layer.id);
    if (id === -1) {
      const parent = layer.parent === null ? -1 : this.#layer(layer.parent);
      id = this.parts.layers.length;
      this.#layers[layer.id] = id;
      const node: LayerNode = {
        kind: layer.kind,
        parent,
        singular: layer.singular,
        source: layer.source === null ? -1 : this.stepId(layer.source),
        entry: -1,
        type: layer.type,
        contributions: layer.kind === 'combine' ? [] : null,
        stream: layer.stream === null ? null : streamNode(layer.stream),
        rows: layer.kind === 'list' ? this.#rowsOf(layer) : ONE,
      };
      this.parts.layers.push(node);
      if (layer.entry !== null) {
        this.#step(layer.entry);
        node.entry = this.stepId(layer.entry);
      }
    }
    return id;
  }

  /** A step is written once: later steps that cannot use it have been kept apart from it (see `mayReuse`). */
  #step(step: Step): void {
    if (this.#writtenId(step) !== -1) return;
    const { graph, needed } = this.#draft;
    if (step.layer.source !== null) this.#step(graph.resolve(step.layer.source));
    const layer = this.#layer(step.layer);
    // The layer may have written its entry.
    if (this.#writtenId(step) !== -1) return;
    let dependencies: DependencyNode[] = NONE;
    for (const { step: $dependency, kind, accepts, layer: below } of step.dependencies) {
      const resolved = graph.resolve($dependency);
      // Nobody waits for an effect that does not happen.
      if (kind === 'order' && !needed.has(resolved) && this.#writtenId(resolved) === -1) continue;
      this.#step(resolved);
      const node = { kind, step: this.#writtenId(resolved), accepts, layer: below === null ? -1 : this.#layer(below) };
      if (dependencies === NONE) dependencies = [node];
      else dependencies.push(node);
    }
    const guard = needed.get(step) ?? NEVER;
    const node: StepNode = {
      op: step.op,
      params: this.#params(step),
      layer,
      guard,
      dependencies,
      isSync: step.isSync,
      hasSideEffects: step.hasSideEffects,
      coordinate: step.coordinate,
      load: loadNode(step),
    };
    this.#steps[step.stepNumber] = this.parts.steps.push(node) - 1;
    this.written.push(step);
  }

  /** The params themselves, where they are plain JSON. */
  #params({ params }: Step): JsonObject {
    if (areAsWritten(params)) return params as Record<string, Json>;
    const written: Record<string, Json> = {};
    for (const name in params) {
      const value = params[name];
      if (value !== undefined)
        written[name] = isReferenceable(value) ? this.#reference(value) : quoteParam(value as Json);
    }
    return written;
  }

  /** Functions and loaders are held by name; those without one by a local slot, which makes the plan not portable. */
  #reference(value: object): Json {
    const name = referenceName(value);
    this.#locals ??= new Map();
    let local = this.#locals.get(value);
    if (local === undefined) {
      local = this.parts.locals.push(value) - 1;
      this.#locals.set(value, local);
    }
    return { $ref: name, local };
  }

  /** How many items a list of a layer has at most. */
  #rowsOf({ rows, source }: Layer): RowsNode {
    if (rows !== null) return asNode(rows);
    return source === null ? UNBOUNDED : this.#rowsFrom(source);
  }

  #rowsFrom($list: Step): RowsNode {
    return this.#rowsNode(this.#draft.graph.resolve($list).maxRows([]));
  }

  #rowsNode(rows: MaxRows): RowsNode {
    if (rows === null) return UNBOUNDED;
    if (typeof rows === 'number') return { kind: 'most', count: rows };
    switch (rows.kind) {
      case 'combined':
        return { kind: 'combined', layer: this.#layer(rows.layer) };
      case 'value':
      case 'length':
        return this.#requestValue(rows.kind, rows.$step, rows.path);
      default: {
        const of = rows.of.map((one) => this.#rowsNode(one));
        return of.every(({ kind }) => kind === 'unbounded') ? UNBOUNDED : { kind: rows.kind, of };
      }
    }
  }

  /** What a step of the plan yields. Reads of properties are no steps of the plan, where only outputs need them. */
  #requestValue(kind: 'value' | 'length', $step: Step, given: readonly PathKey[]): RowsNode {
    let path = given;
    let step = this.#draft.graph.resolve($step);
    while (this.#writtenId(step) === -1 && step instanceof AccessStep) {
      path = [...step.path, ...path];
      step = step.dependency(0);
    }
    const id = this.#writtenId(step);
    return id === -1 ? UNBOUNDED : { kind, step: id, path: [...path] };
  }

  #output(output: Output): number {
    const known = this.#outputs.get(output);
    if (known !== undefined) return known;
    const node = this.#outputNode(output);
    const id = hasNoRows(node) ? this.#sharedOutput(node) : this.parts.outputs.push(node) - 1;
    this.#outputs.set(output, id);
    if (output.kind === 'abstract') this.abstracts.push({ build: output, output: id });
    return id;
  }

  /** Plain objects and lists are written alike wherever they are found: equal outputs are one, not one for each path. */
  #sharedOutput(node: ObjectOutput | ListOutput): number {
    const { outputs } = this.parts;
    const key = node.kind === 'list' ? `list ${node.item.output}` : `${node.type} ${node.fields.length}`;
    const alike = this.#plainOutputs.get(key);
    if (alike === undefined) {
      this.#plainOutputs.set(key, outputs.length);
      return outputs.push(node) - 1;
    }
    const byText = typeof alike === 'number' ? new Map([[JSON.stringify(outputs[alike]), alike]]) : alike;
    this.#plainOutputs.set(key, byText);
    const text = JSON.stringify(node);
    const id = byText.get(text) ?? outputs.push(node) - 1;
    byText.set(text, id);
    return id;
  }

  #outputNode(output: Output): OutputNode {
    switch (output.kind) {
      case 'leaf':
      case 'typename':
      case 'error':
        return output;
      case 'list':
        return {
          kind: 'list',
          layer: this.#layer(output.layer),
          rows: this.#draft.layers.has(output.layer) ? ONE : this.#rowsOf(output.layer),
          item: this.#position(output.item, output.layer.entry),
        };
      case 'object':
        return {
          kind: 'object',
          type: output.type,
          layer: this.#layer(output.layer),
          fields: output.fields.map((field) => this.#field(field, output.$value)),
          defers: output.usages.map(({ id }) => id),
        };
      case 'abstract':
        return {
          kind: 'abstract',
          type: output.type.name,
          layer: this.#layer(output.layer),
          typename: this.stepId(output.$typename),
          branches: [],
        };
    }
  }

  #branch(abstract: AbstractBuild, position: Position): void {
    const node = this.parts.outputs[this.outputId(abstract)];
    if (node?.kind !== 'abstract') throw new InternalError('A branch was planned for a position that is not abstract.');
    for (const branch of abstract.branches.values()) {
      if (branch.position !== position || node.branches.some((known) => known.type === branch.type)) continue;
      const read = this.#position(branch.position, abstract.layer.source);
      node.branches.push({ type: branch.type, layer: this.#layer(branch.layer), position: read });
    }
  }

  #position(position: Position, $own: Step | null): PositionNode {
    const { $value, property } = position;
    return {
      read: property !== null && $value === $own ? property : this.#read(position, $own),
      output: this.#output(position.output),
      nonNull: position.nonNull,
    };
  }

  #field(field: FieldBuild, $own: Step): FieldNode {
    const { position, constant } = field;
    return {
      key: field.key,
      coordinate: field.coordinate,
      guard: field.guard,
      position:
        position === null
          ? {
              read: { step: -1, path: [], field: false },
              output: this.#output(constant as Output),
              nonNull: field.nonNull,
            }
          : this.#position(position, $own),
      requires: field.$requires === null ? -1 : this.stepId(field.$requires),
      phase: field.phase === null ? -1 : this.#layer(field.phase),
      effects:
        field.effects.length === 0
          ? NONE
          : field.effects
              .map((effect) => this.#writtenId(this.#draft.graph.resolve(effect)))
              .filter((written) => written !== -1),
      deliveries:
        field.deliveries.length === 0
          ? NONE
          : field.deliveries.map(({ usage, guard }) => ({ defer: usage?.id ?? -1, guard })),
      nodes: field.nodes,
    };
  }

  #read({ $value, property }: Position, $own: Step | null): ReadNode {
    const own = $own === null ? null : this.#draft.graph.resolve($own);
    let step = this.#draft.graph.resolve($value);
    if (property !== null && step === own) return property;
    const path: PathKey[] = property === null ? [] : [...property.path];
    let field = property !== null;
    while (step !== own) {
      if (this.#draft.columns.has(step)) return { step: this.stepId(step), path, field };
      if (step instanceof AccessStep) path.unshift(...step.path);
      else if (step instanceof FieldStep) {
        field ||= path.length === 0;
        path.unshift(step.fieldName);
      } else throw new InternalError(`The output reads ${step.op}, which has no register.`);
      step = step.dependency(0);
    }
    return { step: -1, path, field };
  }

  #place(place: ResponsePath): void {
    const { parent, key, typename, $typename, layer } = place;
    // Not the rows of one list that was moved outwards, for all rows of the place above.
    const hasRows =
      parent === null || (isWithin(layer, parent.layer) && itemAt(this.parts.places, parent.id).layer !== -1);
    this.parts.places.push({
      parent: parent === null ? -1 : parent.id,
      key,
      typename,
      typenames: $typename === null ? -1 : this.stepId($typename),
      layer: hasRows ? this.#layer(layer) : -1,
    });
  }

  /** A branch that was planned later may bring more values to a layer that is there already. */
  #growContributions(): void {
    for (const layer of this.#draft.graph.layers) {
      const id = itemAt(this.#layers, layer.id);
      if (layer.kind !== 'combine' || id === -1) continue;
      this.#written ??= new Map();
      const node = itemAt(this.parts.layers, id);
      for (let index = this.#written.get(layer) ?? 0; index < layer.contributions.length; index++) {
        const { layer: from, $value, rows } = itemAt(layer.contributions, index);
        const most = rows === null ? this.#rowsFrom($value) : asNode(rows);
        node.contributions?.push({ layer: this.#layer(from), step: this.stepId($value), rows: most });
      }
      this.#written.set(layer, layer.contributions.length);
    }
  }
}

function areAsWritten(params: Readonly<Record<string, unknown>>): boolean {
  for (const name in params) {
    const value = params[name];
    if (value === undefined || typeof value === 'function') return false;
    if (typeof value !== 'object') continue; // mostly a text
    if (isReferenceable(value) || quoteParam(value as Json) !== value) return false;
  }
  return true;
}

function hasNoRows(node: OutputNode): node is ObjectOutput | ListOutput {
  return (node.kind === 'object' || node.kind === 'list') && node.layer === -1;
}

const ONE: RowsNode = { kind: 'one' };
const UNBOUNDED: RowsNode = { kind: 'unbounded' };

function asNode(rows: FieldRows): RowsNode {
  if (rows === 'unbounded') return UNBOUNDED;
  return typeof rows === 'number' ? { kind: 'most', count: rows } : { kind: 'argument', ...rows };
}

function loadNode({ load }: Step): LoadNode | null {
  if (load === null) return null;
  return load.maxKeys === null && load.keys === 1 ? ONE_KEY : { keys: load.keys, maxKeys: load.maxKeys ?? -1 };
}

/** Most loads are of this kind: one object serves all plans. */
const ONE_KEY: LoadNode = { keys: 1, maxKeys: -1 };

/** Most fields have no such list: one empty list serves all plans. */
const NONE: never[] = [];

function streamNode({ label, guard, initialCount, variable }: StreamNode): StreamNode {
  return { label, guard, initialCount, variable };
}
