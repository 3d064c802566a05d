import {
  assertObjectType,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isForClients } from '../../errors/isForClients.ts';
import { errorOutput } from '../../plan/planningErrors.ts';
import { fieldPlans } from '../../schema/fieldPlans.ts';
import { type FieldFacts, fieldDefinition, fieldFacts } from '../../schema/fields.ts';
import { type AbstractTypePlans, abstractTypePlans } from '../../schema/planResolvers.ts';
import { CheckTypeStep } from '../../schema/steps/CheckTypeStep.ts';
import { FieldStep } from '../../schema/steps/FieldStep.ts';
import { IsTypeOfStep } from '../../schema/steps/IsTypeOfStep.ts';
import { RefuseStep } from '../../schema/steps/RefuseStep.ts';
import { ResolverStep } from '../../schema/steps/ResolverStep.ts';
import { ResolveTypeStep } from '../../schema/steps/ResolveTypeStep.ts';
import { EntryStep } from '../../step/builtin/EntryStep.ts';
import { RootValueStep } from '../../step/builtin/requestSteps.ts';
import { type PlannedItems, plannedItemsOf } from '../../step/planItems.ts';
import { ITEM } from '../../step/reads.ts';
import type { Layer, Step } from '../../step/Step.ts';
import { DeferScope, type StepGraph } from '../../step/StepGraph.ts';
import type { FieldRows } from '../../step/StepLoad.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { type Budget, endsPlanning, LimitError } from '../limits.ts';
import { assertNotDeeper } from './assertNotDeeper.ts';
import {
  authorizationOf,
  authorized,
  leftOut,
  leftOutTypes,
  NOT_AUTHORIZED,
  withoutAuthorization,
} from './authorize.ts';
import {
  type CollectContext,
  collectFields,
  type FieldGroup,
  type GuardedField,
  type SelectionEntry,
  subSelections,
} from './collectFields.ts';
import type { DeferUsage } from './deferUsage.ts';
import { deliveriesOf } from './deliveriesOf.ts';
import { FieldArguments, fieldArgs } from './fieldArgs.ts';
import { ALWAYS, GuardTable } from './GuardTable.ts';
import { leafOf } from './leafOf.ts';
import type { OperationSource } from './OperationSource.ts';
import type {
  AbstractBuild,
  BranchBuild,
  FieldBuild,
  ObjectBuild,
  ObjectContext,
  Position,
  PositionContext,
  ResponsePath,
} from './OutputTree.ts';
import { PlaceNeeds } from './placeNeeds.ts';
import { assertStep, planResult } from './planResult.ts';
import { fieldPlace, References } from './References.ts';
import { SelectionKeys } from './SelectionKeys.ts';
import { type StreamUsage, streamUsage } from './streamUsage.ts';

/** The root of a built operation. */
export interface BuiltOperation {
  readonly root: ObjectBuild;
  /** The step that yields a subscription's events, or null. */
  readonly $stream: Step | null;
}

/** Calls plan resolvers: turns an operation into steps, and into the outputs that place their values. */
export class OperationBuilder {
  readonly graph: StepGraph;
  readonly guards: GuardTable = new GuardTable();
  readonly source: OperationSource;
  /** The deferred fragments of the plan. */
  readonly usages: DeferUsage[] = [];
  #budget: Budget;
  readonly #references: References;
  readonly #collect: CollectContext;
  readonly #placeNeeds: PlaceNeeds;
  readonly #objects = new Map<string, ObjectBuild>();
  readonly #abstracts = new Map<string, AbstractBuild>();
  readonly #keys = new SelectionKeys();
  readonly #parts = new Map<DeferUsage, DeferScope>();

  constructor(graph: StepGraph, source: OperationSource, budget: Budget) {
    this.graph = graph;
    graph.authorization = authorizationOf(graph, source.schema);
    this.source = source;
    this.#budget = budget;
    this.#references = new References(source.fields, this.guards);
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of source.document.definitions) {
      if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
    }
    this.#collect = {
      schema: source.schema,
      guards: this.guards,
      fragments,
      usages: this.usages,
      decide: source.decide,
      budget: () => this.#budget,
    };
    this.#placeNeeds = new PlaceNeeds(source.schema, fragments, source.resolvers);
  }

  /** The places that something in the plan refers to. */
  get places(): readonly ResponsePath[] {
    return this.#references.places;
  }

  build(rootType: GraphQLObjectType): BuiltOperation {
    const { operation } = this.source;
    const { onTooDeep, maxDepth } = this.#budget.limits;
    if (onTooDeep === 'REFUSE') assertNotDeeper(operation, this.#collect.fragments, maxDepth);
    const entries = [{ selectionSet: operation.selectionSet, guard: ALWAYS, usage: null }];
    const { root } = this.graph;
    const place: ResponsePath = { parent: null, key: null, typename: null, $typename: null, layer: root, id: -1 };
    if (operation.operation === 'subscription') return this.#buildSubscription(rootType, entries, place);
    const $value = new RootValueStep();
    const context: ObjectContext = { type: rootType, $value, layer: root, place, depth: 0, branchOf: null };
    const inSeries = operation.operation === 'mutation';
    return { root: this.#planFields(context, entries, inSeries ? this.#mutationLayer : null), $stream: null };
  }

  /** Planning goes on in a later request: it has a budget of its own. */
  renew(budget: Budget): void {
    this.#budget = budget;
  }

  /** Forgets all shared builds: from here on, selections are reached under other conditions. */
  forget(): void {
    this.#objects.clear();
    this.#abstracts.clear();
  }

  readonly #mutationLayer = (): Layer => this.graph.addLayer('mutation', this.graph.root, null, null);

  #buildSubscription(
    rootType: GraphQLObjectType,
    entries: readonly SelectionEntry[],
    place: ResponsePath,
  ): BuiltOperation {
    const event = this.graph.addLayer('event', this.graph.root, null, null);
    const $event = new EntryStep(event);
    const context: ObjectContext = { type: rootType, $value: $event, layer: event, place, depth: 0, branchOf: null };
    const root = this.#planFields(context, entries, null);
    return { root, $stream: this.#planStream(rootType, entries, place) };
  }

  /** Implements `CreateSourceEventStream`: the first field of the subscription has the source of events. */
  #planStream(rootType: GraphQLObjectType, entries: readonly SelectionEntry[], place: ResponsePath): Step | null {
    const group = collectFields({ ...this.#collect, budget: () => null }, rootType, entries).slots[0]?.group;
    const field = group === undefined ? undefined : fieldDefinition(this.source.schema, rootType, group.name);
    if (group === undefined || field === undefined) return null;
    const { graph } = this;
    const $root = new RootValueStep();
    const context: ObjectContext = {
      type: rootType,
      $value: $root,
      layer: graph.root,
      place,
      depth: 0,
      branchOf: null,
    };
    const args = this.#arguments(rootType, field, group);
    graph.coordinate = `${rootType.name}.${field.name}`;
    const { subscribePlan } = fieldPlans(field);
    const $stream =
      subscribePlan === undefined
        ? new ResolverStep($root, args.all(), {
            ...this.#references.ofField(context, field, group),
            source: 'subscribe',
          })
        : assertStep(
            this.graph,
            withoutAuthorization(graph, () =>
              subscribePlan($root, fieldArgs(args), {
                schema: this.source.schema,
                parentType: rootType,
                fieldName: field.name,
                field,
              }),
            ),
          );
    graph.settle();
    graph.coordinate = null;
    const $events = graph.resolve($stream);
    $events.readFreely();
    return $events;
  }

  /** An object's fields: planned once for a type, a step and a selection, wherever they are met again. */
  #planObject(context: ObjectContext, entries: readonly SelectionEntry[]): ObjectBuild {
    const needsPlace = this.#needsPlace(context.type, entries);
    const key = `${context.type.name}|${context.$value.stepNumber}|${context.layer.id}|${this.#keys.of(entries)}${needsPlace || context.branchOf !== null ? `|${this.#keys.number(context.place)}` : ''}`;
    let object = this.#objects.get(key);
    if (object === undefined) {
      object = this.#planFields(context, entries, null);
      this.#objects.set(key, object);
    }
    return object;
  }

  #planFields(context: ObjectContext, entries: readonly SelectionEntry[], phase: (() => Layer) | null): ObjectBuild {
    const { slots, usages } = collectFields(this.#collect, context.type, entries, context.branchOf?.usages);
    // Only a group that stands in several places is met again.
    const planned = slots.every(isOnce) ? null : new Map<FieldGroup, FieldBuild>();
    const fields: FieldBuild[] = [];
    for (const { group, guard } of slots) {
      const field = planned?.get(group) ?? this.#planGroup(context, group, phase);
      if (field === null) continue;
      planned?.set(group, field);
      fields.push(guard === field.guard ? field : { ...field, guard });
    }
    return { kind: 'object', type: context.type.name, layer: context.layer, $value: context.$value, fields, usages };
  }

  #planGroup(context: ObjectContext, group: FieldGroup, phase: (() => Layer) | null): FieldBuild | null {
    if (phase !== null) {
      // Fields of a mutation run one after another, deferred or not: their effects are ordered by that.
      const layer = phase();
      return this.#planField({ ...context, layer }, group, layer);
    }
    const usage = group.nodes[0]?.usage;
    if (usage == null) return this.#planField(context, group, null);
    return this.graph.inDeferScope(this.#partOf(usage), () => this.#planField(context, group, null));
  }

  #partOf(usage: DeferUsage): DeferScope {
    return getOrCreate(this.#parts, usage, () => new DeferScope(this.graph.deferScope));
  }

  /** One field of an object type, or null when the type has no such field (graphql-js leaves it out, so do we). */
  #planField(context: ObjectContext, group: FieldGroup, phase: Layer | null): FieldBuild | null {
    this.#budget.tick();
    const facts = fieldFacts(this.source.schema, context.type, group.name);
    if (facts === undefined) return null;
    const { field, coordinate } = facts;
    const nodes = this.#references.nodes(group);
    const { position, constant, $requires, effects } =
      group.name === '__typename'
        ? constantField({ kind: 'typename', type: context.type.name })
        : this.#planValue(context, facts, group, nodes);
    const { key, guard } = group;
    const deliveries = deliveriesOf(this.guards, group);
    const nonNull = isNonNullType(field.type);
    return { key, coordinate, guard, position, constant, nonNull, $requires, effects, phase, deliveries, nodes };
  }

  /** Plans a field: its steps, or its error (rule R8). */
  #planValue(
    context: ObjectContext,
    { field, coordinate, read }: FieldFacts,
    group: FieldGroup,
    nodes: FieldBuild['nodes'],
  ): PlannedValue {
    const { graph } = this;
    const { coordinate: outerCoordinate, layer: outerLayer } = graph;
    const firstStep = graph.steps.length;
    graph.coordinate = coordinate;
    graph.layer = context.layer;
    try {
      if (context.depth >= this.#budget.limits.maxDepth) {
        throw new LimitError('maxDepth', `This field is nested more than ${this.#budget.limits.maxDepth} levels deep`);
      }
      const args = this.#arguments(context.type, field, group);
      const $planned = planResult(this, this.#references, context, field, group, args);
      if ($planned === null) {
        const position = this.#planRead(context, field.type, read);
        if (position !== null) return { position, constant: null, $requires: null, effects: NO_STEPS };
      }
      const $result = $planned ?? new FieldStep(context.$value, this.#references.ofField(context, field, group));
      graph.settle();
      const $value = graph.resolve($result);
      const $required = field.args.length === 0 ? null : args.$required;
      graph.settle();
      const effects = graph.hasEffects ? graph.steps.slice(firstStep).filter((step) => step.hasSideEffects) : NO_STEPS;
      const position = this.#planFieldPosition(context, field, group, $value, nodes);
      return { position, constant: null, $requires: $required && graph.resolve($required), effects };
    } catch (error) {
      if (endsPlanning(error)) throw error;
      graph.settleFailed(firstStep);
      return constantField(errorOutput(error, isWrittenForClients(error)));
    } finally {
      graph.coordinate = outerCoordinate;
      graph.layer = outerLayer;
    }
  }

  #arguments(parentType: GraphQLObjectType, field: GraphQLField<unknown, unknown>, group: FieldGroup): FieldArguments {
    return new FieldArguments(parentType, field, nodeAt(group.nodes, 0).node, this.#references);
  }

  /**
   * A leaf that is a property of its object needs no step: the output reads it. Null where the value is no leaf, or where
   * an effect was planned: a later read must not come before it.
   */
  #planRead(context: ObjectContext, type: GraphQLOutputType, read: FieldFacts['read']): Position | null {
    const leaf = leafOf(type);
    if (leaf === null || this.graph.hasEffects) return null;
    const $value = this.graph.resolve(context.$value);
    $value.noteRead(read.path);
    return { nonNull: leaf.nonNull, $value, property: read, output: leaf.output };
  }

  #planFieldPosition(
    context: ObjectContext,
    field: GraphQLField<unknown, unknown>,
    group: FieldGroup,
    $value: Step,
    nodes: FieldBuild['nodes'],
  ): Position {
    const { branchOf } = context;
    const place = fieldPlace(context, group);
    const position: PositionContext = {
      parentType: context.type,
      fieldName: field.name,
      nodes,
      entries: this.#entriesOf(group),
      layer: context.layer,
      place,
      fieldPlace: place,
      depth: context.depth + 1,
      outputType: field.type,
      stream: streamUsage(this.guards, group),
      authorize: { hidden: fieldPlans(field).hidden ?? null, done: NOT_AUTHORIZED },
      rows: this.#rowsOf(context, field, group),
    };
    const isOwn = group.exclusive || $value.hasPlannedParts || isLeafType(getNamedType(field.type));
    if (branchOf === null || isOwn) {
      return this.#planPosition(position, field.type, $value);
    }
    return this.#planCombined(branchOf, context, group, position, $value);
  }

  #rowsOf({ type }: ObjectContext, field: GraphQLField<unknown, unknown>, group: FieldGroup): FieldRows | null {
    if (type.name.startsWith('__')) return NOT_COUNTED;
    const { maxRows } = fieldPlans(field);
    if (maxRows === undefined) return null;
    if (typeof maxRows === 'number' || maxRows === 'unbounded') return maxRows;
    const node = this.#references.ordinal(nodeAt(group.nodes, 0).node);
    return { coordinate: `${type.name}.${field.name}`, node, argument: maxRows };
  }

  /** Mostly asked for one type only, several times. */
  #entriesOf(group: FieldGroup): PositionContext['entries'] {
    let type: string | null = null;
    let entries: readonly SelectionEntry[] = [];
    return (typeName) => {
      if (type !== typeName) {
        entries = subSelections(this.#collect, group, typeName);
        type = typeName;
      }
      return entries;
    };
  }

  /** Plans a selection that several types of a position share once, over the values of all of them (rule R2). */
  #planCombined(
    abstract: AbstractBuild,
    context: ObjectContext,
    group: FieldGroup,
    position: PositionContext,
    $value: Step,
  ): Position {
    const typeName = getNamedType(position.outputType).name;
    const nodes = position.nodes.map(({ node, guard }) => `${node}:${guard}`).join();
    const key = `${group.key}|${nodes}|${group.guard}|${String(position.outputType)}|${this.#keys.of(position.entries(typeName))}|${this.#keys.number(position.authorize.hidden)}`;
    const contribution = { layer: context.layer, $value, rows: position.rows };
    let combined = abstract.combined.get(key);
    if (combined !== undefined) {
      combined.layer.contributions.push(contribution);
      $value.readFreely();
      return combined.position;
    }
    const layer = this.graph.addLayer('combine', abstract.layer, abstract.$typename, null);
    const $combined = this.graph.within(layer, () => new EntryStep(layer));
    this.graph.settle();
    layer.contributions.push(contribution);
    combined = { layer, position: null as unknown as Position };
    abstract.combined.set(key, combined);
    $value.readFreely();
    const place: ResponsePath = { ...position.place, typename: null, $typename: abstract.$typename, layer };
    combined.position = this.#planPosition(
      { ...position, layer, place, fieldPlace: place, rows: null },
      position.outputType,
      $combined,
    );
    return combined.position;
  }

  #planPosition(context: PositionContext, type: GraphQLOutputType, $value: Step): Position {
    const leaf = leafOf(type);
    if (leaf !== null) {
      $value.readFreely();
      return { nonNull: leaf.nonNull, $value, property: null, output: leaf.output };
    }
    if (isNonNullType(type)) return { ...this.#planPosition(context, type.ofType, $value), nonNull: true };
    if (isListType(type)) return this.#planList(context, type.ofType, $value);
    if (isAbstractType(type)) return this.#planAbstract(context, type, $value);
    return this.#planObjectPosition(context, assertObjectType(type), $value);
  }

  #planList(context: PositionContext, itemType: GraphQLOutputType, $value: Step): Position {
    const named = getNamedType(itemType);
    const parent = this.#boundaryParent(context, named.name, $value);
    const left = this.#leaveOut(context, parent, itemType, $value);
    if (left !== null) return this.#planList(left.context, itemType, left.$list);
    const { layer, $result: $item } = plannedItemsOf($value) ?? this.#openList(parent, $value, context.stream);
    const place: ResponsePath = { parent: context.place, key: null, typename: null, $typename: null, layer, id: -1 };
    layer.rows ??= context.rows;
    const item = this.#planPosition({ ...context, layer, place, stream: null, rows: null }, itemType, $item);
    return { nonNull: false, $value, property: null, output: { kind: 'list', layer, item } };
  }

  #openList(parent: Layer, $list: Step, stream: StreamUsage | null): PlannedItems {
    const { graph } = this;
    const layer =
      stream === null ? graph.sharedLayer('list', parent, $list) : graph.addLayer('list', parent, $list, null, stream);
    const $item = layer.entry ?? graph.within(layer, () => new EntryStep(layer));
    graph.settle();
    return { layer, $result: $item };
  }

  /** The same list without the items that are hidden; null where none are left out, or all are already. */
  #leaveOut(
    context: PositionContext,
    parent: Layer,
    itemType: GraphQLOutputType,
    $list: Step,
  ): { readonly context: PositionContext; readonly $list: Step } | null {
    const item = getNullableType(itemType);
    const { hidden, done } = context.authorize;
    const { schema } = this.source;
    // Where items may be null, a hidden one is null as an absent one is: nobody can tell them apart.
    if (
      !isNonNullType(itemType) ||
      isListType(item) ||
      done !== NOT_AUTHORIZED ||
      leftOutTypes(schema, item, hidden).length === 0
    )
      return null;
    const authorizedAs = $list.authorizedAs([ITEM]);
    if (leftOutTypes(schema, item, hidden).every(({ name }) => authorizedAs?.has(name))) return null;
    const layer = this.graph.sharedLayer('list', parent, $list);
    layer.rows ??= context.rows;
    const $item = layer.entry ?? this.graph.within(layer, () => new EntryStep(layer));
    const params = this.#references.ofPosition({ ...context, layer });
    const typenameOf = (type: GraphQLAbstractType, $specifier: Step): Step => {
      const planned = abstractTypePlans(type).planType?.($specifier, { abstractType: type });
      const $typename =
        planned === undefined
          ? new ResolveTypeStep($specifier, { ...params, abstractType: type.name })
          : assertStep(this.graph, planned.$__typename);
      this.graph.settle();
      return this.graph.resolve($typename);
    };
    const left = this.graph.within(parent, () =>
      leftOut(this.graph, schema, item, { $list, $item, layer, hidden }, typenameOf),
    );
    if (left === null) return null;
    return { context: { ...context, authorize: { hidden, done: left.done } }, $list: left.$list };
  }

  #planObjectPosition(
    context: PositionContext,
    type: GraphQLObjectType,
    $source: Step,
    branchOf: AbstractBuild | null = null,
  ): Position {
    const { graph } = this;
    let $value = $source;
    if (type.isTypeOf) {
      const params = { ...this.#references.ofPosition(context), objectType: type.name };
      $value = graph.within(context.layer, () => new IsTypeOfStep($source, params));
      graph.settle();
    }
    $value = graph.within(context.layer, () => authorized(graph, this.source.schema, type, $value, context.authorize));
    // The rows of a branch are rows of its type: layers that combine branches find them from there.
    const parent = branchOf === null ? this.#boundaryParent(context, type.name, $value) : context.layer;
    const layer = graph.sharedLayer('present', parent, $value);
    const object: ObjectContext = { type, $value, layer, place: context.place, depth: context.depth, branchOf };
    try {
      return { nonNull: false, $value, property: null, output: this.#planObject(object, context.entries(type.name)) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return this.#refuse(context.layer, type, $value, error);
    }
  }

  /** The selection of an object is unknown: each object is an error (2.2.11). */
  #refuse(layer: Layer, type: GraphQLObjectType, $value: Step, error: GraphQLError): Position {
    const $refused = this.graph.within(layer, () => new RefuseStep($value, error));
    this.graph.settle();
    const output = { kind: 'object', type: type.name, layer, $value, fields: [], usages: [] } as const;
    return { nonNull: false, $value: $refused, property: null, output };
  }

  /** Where a boundary over `$value` lies: as far out as the value itself, unless resolvers must be told apart. */
  #boundaryParent(context: PositionContext, typeName: string, $value: Step): Layer {
    const type = this.#placeNeeds.isEver ? this.source.schema.getType(typeName) : undefined;
    if (type !== undefined && !isLeafType(type) && this.#needsPlace(type, context.entries(typeName))) {
      return context.layer;
    }
    return this.graph.outwards(context.layer, this.graph.resolve($value).layer);
  }

  #needsPlace(type: GraphQLNamedType, entries: readonly SelectionEntry[]): boolean {
    return this.#placeNeeds.isEver && entries.some(({ selectionSet }) => this.#placeNeeds.of(type, selectionSet));
  }

  #planAbstract(context: PositionContext, type: GraphQLAbstractType, $value: Step): Position {
    const { graph } = this;
    const plans = abstractTypePlans(type);
    const $specifier = assertStep(
      this.graph,
      plans.toSpecifier === undefined ? $value : graph.within(context.layer, () => plans.toSpecifier?.($value)),
    );
    graph.settle();
    const $resolved = graph.resolve($specifier);
    $resolved.readFreely();
    const layer = graph.sharedLayer('present', this.#boundaryParent(context, type.name, $resolved), $resolved);
    const memo = `${type.name}|${layer.id}|${this.#keys.of(context.entries(type.name))}|${this.#keys.number(context.authorize.hidden)}`;
    const shared = !context.entries(type.name).some(({ selectionSet }) => this.#placeNeeds.of(type, selectionSet));
    const known = shared ? this.#abstracts.get(memo) : undefined;
    if (known !== undefined) return { nonNull: false, $value: $resolved, property: null, output: known };
    const output = graph.within(layer, () => this.#abstractOutput({ ...context, layer }, type, plans, $resolved));
    if (shared) this.#abstracts.set(memo, output);
    return { nonNull: false, $value: $resolved, property: null, output };
  }

  #abstractOutput(
    context: PositionContext,
    type: GraphQLAbstractType,
    plans: AbstractTypePlans,
    $specifier: Step,
  ): AbstractBuild {
    const { graph } = this;
    const { layer } = context;
    const params = { ...this.#references.ofPosition(context), abstractType: type.name };
    const before = graph.steps.length;
    const plan = plans.planType?.($specifier, { abstractType: type });
    const captured = graph.steps.slice(before);
    const $found: Step =
      plan === undefined
        ? new ResolveTypeStep($specifier, params)
        : new CheckTypeStep(assertStep(this.graph, plan.$__typename), $specifier, params);
    graph.settle();
    const $typename = graph.resolve($found);
    const { deferScope } = graph;
    const abstract: AbstractBuild = {
      kind: 'abstract',
      type,
      layer,
      $typename,
      captured,
      branches: new Map(),
      combined: new Map(),
      usages: [],
      planBranch: (objectType) =>
        abstract.branches.get(objectType.name) ?? graph.inDeferScope(deferScope, () => planBranch(objectType)),
    };
    const planBranch = (objectType: GraphQLObjectType): BranchBuild => {
      const branchLayer = graph.sharedLayer('type', layer, $typename, objectType.name);
      const $object = graph.within(branchLayer, () => {
        const $planned = plan?.planForType?.(objectType) ?? $specifier;
        const $checked = assertStep(this.graph, $planned);
        graph.settle();
        return graph.resolve($checked);
      });
      const position = this.#planObjectPosition({ ...context, layer: branchLayer }, objectType, $object, abstract);
      const branch: BranchBuild = { type: objectType.name, layer: branchLayer, position };
      abstract.branches.set(objectType.name, branch);
      return branch;
    };
    return abstract;
  }
}

/** Lists of introspection read the schema, which is there. */
const NOT_COUNTED = 0;

const NO_STEPS: readonly Step[] = [];

function isOnce({ group, guard }: GuardedField): boolean {
  return guard === group.guard;
}

type PlannedValue = Pick<FieldBuild, 'position' | 'constant' | '$requires' | 'effects'>;

/** As for errors of resolvers (docs/errors.md). */
function isWrittenForClients(error: unknown): boolean {
  return isForClients(error) || (error instanceof GraphQLError && error.originalError == null);
}

/** A field whose value needs no step. */
function constantField(constant: FieldBuild['constant']): PlannedValue {
  return { position: null, constant, $requires: null, effects: NO_STEPS };
}
