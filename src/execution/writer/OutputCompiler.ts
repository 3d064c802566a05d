import { GraphQLError, type GraphQLLeafType } from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { listOutput, objectOutput } from '../../plan/outputAt.ts';
import type {
  AbstractOutput,
  BranchNode,
  FieldNode,
  LeafOutput,
  ListOutput,
  ObjectOutput,
  OutputNode,
  PositionNode,
} from '../../plan/Plan.ts';
import { planningError } from '../../plan/planningErrors.ts';
import { Failure } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { columnOf } from '../state/rows.ts';
import { completeLeaf, plainLeaf } from './completeLeaf.ts';
import { type CompiledField, LeafField } from './LeafField.ts';
import { leaveUnfinished } from './leaveUnfinished.ts';
import { listItems } from './listItems.ts';
import {
  BUBBLE,
  type Complete,
  type DivisibleObject,
  type FieldReference,
  OTHER,
  type ResponseState,
  type StreamableList,
} from './ResponseState.ts';
import { compileRead } from './reads.ts';
import { type RefusedPart, refusedDefer, refusedStream } from './refusedParts.ts';
import { type RowMapper, rowMapper } from './rowMappers.ts';
import { type CompositePosition, composite, listWriter, objectWriter } from './writeComposite.ts';

/**
 * Makes a closure for each output of a plan: together they write its responses, as objects. They define what a response is;
 * generated code repeats it for plans that are hot.
 */
export class OutputCompiler {
  readonly #linked: LinkedPlan;
  /** By output, and by the layer of the rows that it gets. One closure serves all paths to an output. */
  readonly #objects: Map<number, CompiledObject>[] = [];

  constructor(linked: LinkedPlan) {
    this.#linked = linked;
  }

  /** The fields of the root object: a mutation completes them one by one. */
  rootFields(): readonly CompiledField[] {
    const root = objectOutput(this.#linked.plan, this.#linked.plan.root);
    return root.fields.map((field) => this.field(field, Math.max(root.layer, 0)));
  }

  root(): Complete {
    return this.#object(this.#linked.plan.root, 0).write;
  }

  /** The root object of a mutation, some of whose fields may be delivered later. */
  rootParts(): DivisibleObject {
    return this.#object(this.#linked.plan.root, 0).parts;
  }

  #output(id: number): OutputNode {
    return nodeAt(this.#linked.plan.outputs, id);
  }

  /** An object. It gets rows of its own layer if it has one, else rows of `layer`. Compiled on first use. */
  #object(id: number, layer: number): CompiledObject {
    const node = objectOutput(this.#linked.plan, id);
    const own = node.layer === -1 ? layer : node.layer;
    this.#objects[id] ??= new Map();
    return getOrCreate(this.#objects[id], own, () => {
      const parts = this.#parts(id, node, own);
      return {
        parts,
        write: (state, value, row) =>
          state.selection === null ? parts.whole(state, value, row) : state.selection.object(state, parts, value, row),
      };
    });
  }

  #parts(id: number, node: ObjectOutput, layer: number): DivisibleObject {
    const { responseObjects } = this.#linked.source;
    let compiled: readonly CompiledField[] | null = null;
    const fields = (): readonly CompiledField[] => {
      compiled ??= node.fields.map((field) => this.field(field, layer));
      return compiled;
    };
    const subsets = new Map<string, Complete>();
    const subset = (indexes: readonly number[]): Complete =>
      getOrCreate(subsets, `${indexes}`, () => {
        const nodes = indexes.map((index) => itemAt(node.fields, index));
        return objectWriter(() => indexes.map((index) => itemAt(fields(), index)), nodes, responseObjects);
      });
    const mayDefer = node.defers.length > 0 || node.fields.some(({ deliveries }) => deliveries.length > 0);
    return { id, node, mayDefer, whole: objectWriter(fields, node.fields, responseObjects), subset };
  }

  /** The closure of a field of an object that gets rows of `layer`. */
  field(field: FieldNode, layer: number): CompiledField {
    const { key, guard, phase, position, requires } = field;
    const output = this.#output(position.output);
    const { step, path } = position.read;
    if (output.kind === 'leaf' && requires === -1 && step === -1 && path.length === 1) {
      return new LeafField(field, this.#leafType(output));
    }
    return { key, guard, phase, complete: this.#complete(field, layer) };
  }

  #leafType({ type }: LeafOutput): GraphQLLeafType {
    return this.#linked.source.schema.getType(type) as GraphQLLeafType;
  }

  #complete(field: FieldNode, layer: number): Complete {
    const { requires, position } = field;
    const complete = this.position(field, position, layer);
    const reading = position.read.field
      ? this.#calling(position, field, layer, complete)
      : this.#reading(position, layer, complete);
    return requires === -1 ? reading : this.#requiring(requires, field, position.nonNull, reading);
  }

  #leaf(place: FieldReference, nonNull: boolean, type: GraphQLLeafType): Complete {
    const plain = plainLeaf(type);
    return (state, value) => {
      const completed = plain(value);
      return completed === OTHER ? completeLeaf(state, place, nonNull, type, value) : completed;
    };
  }

  #reading({ read: node }: PositionNode, layer: number, complete: Complete): Complete {
    const read = compileRead(this.#linked, node, layer);
    const redo: Complete = (state, value, row) => complete(state, read(state.run, value, row), row);
    return (state, value, row) => {
      const found = read(state.run, value, row);
      const completed = complete(state, found, row);
      if (completed !== BUBBLE || !state.isUnfinished) return completed;
      return leaveUnfinished(state, { redo, complete }, value, found, row);
    };
  }

  /** Like `#reading`, for fields whose value may be a function. It is called as graphql-js' default resolver calls it. */
  #calling({ read }: PositionNode, place: FieldReference, layer: number, complete: Complete): Complete {
    const find = compileRead(this.#linked, read, layer);
    const findOwner = compileRead(this.#linked, { ...read, path: read.path.slice(0, -1), field: false }, layer);
    const readAndCall = (state: ResponseState, value: unknown, row: number): unknown => {
      const found = find(state.run, value, row);
      if (typeof found !== 'function') return found;
      return state.callField(place, findOwner(state.run, value, row), found as () => unknown);
    };
    const redo: Complete = (state, value, row) => complete(state, readAndCall(state, value, row), row);
    return (state, value, row) => {
      const found = readAndCall(state, value, row);
      const completed = complete(state, found, row);
      if (completed !== BUBBLE || !state.isUnfinished) return completed;
      return leaveUnfinished(state, { redo, complete }, value, found, row);
    };
  }

  /** A field whose arguments are coerced at run time. If that failed, the field has no value. */
  #requiring(step: number, place: FieldReference, nonNull: boolean, complete: Complete): Complete {
    const requiring: Complete = (state, value, row) => {
      const required = state.run.registers[step];
      if (!(required instanceof Failure)) return complete(state, value, row);
      return state.fail(place, required.error, nonNull);
    };
    return (state, value, row) => {
      const completed = requiring(state, value, row);
      if (completed !== BUBBLE || !state.isUnfinished) return completed;
      return state.leaveUnfinished(requiring, value, row);
    };
  }

  /** `own` is the step whose register holds the value that the position belongs to, or -1. */
  position(place: FieldReference, position: PositionNode, layer: number, own: number = -1): Complete {
    const output = this.#output(position.output);
    const { nonNull, read } = position;
    const register = read.path.length > 0 ? -1 : read.step === -1 ? own : read.step;
    const at = { nonNull, output: position.output, register };
    switch (output.kind) {
      case 'leaf':
        return this.#leaf(place, nonNull, this.#leafType(output));
      case 'typename':
        return () => output.type;
      case 'error':
        return (state) => state.fail(place, planningError(output, place.coordinate), nonNull);
      case 'list':
        return this.#list(place, at, output, layer);
      case 'object':
        return composite(
          place,
          at,
          this.#mapped(layer, output.layer, this.#objectAt(place, nonNull, position.output, layer)),
        );
      case 'abstract':
        return composite(place, at, this.#abstract(place, nonNull, output, layer));
    }
  }

  #objectAt(place: FieldReference, nonNull: boolean, id: number, layer: number): Complete {
    const refused = refusedDefer(this.#linked, objectOutput(this.#linked.plan, id));
    const { write: object } = this.#object(id, layer);
    return refused === null ? object : this.#refusing(refused, place, nonNull, object);
  }

  #refusing(refused: RefusedPart, place: FieldReference, nonNull: boolean, complete: Complete): Complete {
    return (state, value, row) => {
      const error = refused(state.run);
      return error === null ? complete(state, value, row) : state.fail(place, error, nonNull);
    };
  }

  /** Maps rows of `from` to rows of `to` for `complete`. */
  #mapped(from: number, to: number, complete: Complete): Complete {
    const map: RowMapper | null = to === -1 ? null : rowMapper(this.#linked.plan, from, to);
    return map === null ? complete : (state, value, row) => complete(state, value, map(state.run, row));
  }

  #list(
    place: FieldReference,
    position: CompositePosition,
    { layer: listLayer, item }: ListOutput,
    layer: number,
  ): Complete {
    const { nonNull, output: id } = position;
    const itemLayer = listLayer === -1 ? layer : listLayer;
    const notIterable = (): GraphQLError =>
      new GraphQLError(`Expected Iterable, but did not find one for field "${place.coordinate}".`);
    const items = listItems(this.#linked, id, layer);
    const read = compileRead(this.#linked, item.read, itemLayer);
    const entry = listLayer === -1 ? -1 : entryOf(this.#linked, listLayer);
    const complete = this.position(place, item, itemLayer, entry);
    const completeItem: Complete = (state, value, row) => complete(state, read(state.run, value, row), row);
    // In a snapshot an item may still be to come: it is looked up again.
    const itemAt = (state: ResponseState, row: number): unknown => columnOf(state.run, entry)[row];
    const redo: Complete =
      entry === -1 ? completeItem : (state, _value, row) => completeItem(state, itemAt(state, row), row);
    const write = listWriter({ items, hasRows: listLayer !== -1, read, complete, redo });
    const site = this.#streamSite(id, layer, place, completeItem as Complete);
    const writeItems = (state: ResponseState, value: unknown, values: readonly unknown[], row: number): unknown => {
      const { depth } = state;
      try {
        const result = write(state, value, values, row);
        if (site !== null && result !== BUBBLE) state.selection?.list(state, site, row);
        return result;
      } catch (thrown) {
        // Reading an item threw: the list is a proxy or has getters. As in graphql-js, the whole list fails.
        state.depth = depth;
        state.fail(place, thrown, true);
        return BUBBLE;
      }
    };
    const collected = composite(place, { nonNull, output: id, register: -1 }, (state, values, row) =>
      writeItems(state, values, values as readonly unknown[], row),
    );
    const list: Complete = (state, value, row) => {
      const values = items.values(state, value, notIterable);
      // Arrays first: any other check of a proxy may throw.
      if (Array.isArray(values)) return writeItems(state, value, values, row);
      if (values instanceof Failure) return state.fail(place, values.error, nonNull);
      return state.leave(collected, row, -1, values as Promise<readonly unknown[]>);
    };
    const refused = refusedStream(this.#linked, listOutput(this.#linked.plan, id));
    const completed = refused === null ? list : this.#refusing(refused, place, nonNull, list);
    return composite(place, position, completed);
  }

  /** Null for lists that are delivered whole. `layer` is the layer of the list's position. */
  #streamSite(list: number, layer: number, place: FieldReference, complete: Complete): StreamableList | null {
    const { plan } = this.#linked;
    const { layer: own } = listOutput(plan, list);
    if (own === -1) return null;
    const { stream, parent } = nodeAt(plan.layers, own);
    if (stream === null) return null;
    return { list, layer: own, label: stream.label, place, complete, toParentRow: rowMapper(plan, layer, parent) };
  }

  /** Completes a value of one of the types of an abstract position. The position has already looked at the value. */
  #branch(place: FieldReference, nonNull: boolean, { layer, position }: BranchNode, from: number): Complete {
    const inner = layer === -1 ? from : layer;
    const { read, output: id } = position;
    const output = this.#output(id);
    const isSame = read.step === -1 && read.path.length === 0 && output.kind === 'object';
    const complete = isSame
      ? this.#mapped(inner, output.layer, this.#objectAt(place, nonNull, id, inner))
      : this.#reading(position, inner, this.position(place, { ...position, nonNull }, inner));
    return this.#mapped(from, layer, complete);
  }

  #abstract(place: FieldReference, nonNull: boolean, output: AbstractOutput, layer: number): Complete {
    const own = output.layer === -1 ? layer : output.layer;
    const typename = compileRead(this.#linked, { step: output.typename, path: [], field: false }, own);
    const branches = new Map<string, Complete>();
    const branchFor = (type: string): Complete | undefined => {
      let branch = branches.get(type);
      const planned = branch === undefined ? output.branches.find((known) => known.type === type) : undefined;
      if (planned !== undefined) {
        branch = this.#branch(place, nonNull, planned, own);
        branches.set(type, branch);
      }
      return branch;
    };
    return this.#mapped(layer, output.layer, (state, value, row) => {
      const name = typename(state.run, value, row);
      if (name instanceof Failure) return state.fail(place, name.error, nonNull);
      if (typeof name !== 'string') return state.failNull(place, nonNull);
      const branch = branchFor(name);
      if (branch !== undefined) return branch(state, value, row);
      return state.fail(place, unplanned(place, name), nonNull);
    });
  }
}

interface CompiledObject {
  readonly parts: DivisibleObject;
  /** Writes the fields that are selected. */
  readonly write: Complete;
}

function entryOf({ plan }: LinkedPlan, layer: number): number {
  return plan.layers[layer]?.entry ?? -1;
}

function unplanned({ coordinate }: FieldReference, type: string): PlanqlError {
  return new PlanqlError(
    'UNPLANNED_TYPE',
    `"${coordinate}" met the type "${type}", for which this imported plan has no branch. Export the plan again after that type was met.`,
  );
}
