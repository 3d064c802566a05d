import {
  type GraphQLAbstractType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { abstractTypePlans, objectPlans } from '../../schema/planResolvers.ts';
import {
  AuthorizeStep,
  type Hidden,
  LeaveOutStep,
  OfTypeStep,
  PresentStep,
  type TypedVisibility,
  VisibleStep,
} from '../../schema/steps/AuthorizeStep.ts';
import type { Authorization } from '../../step/Authorization.ts';
import { ConstantStep } from '../../step/builtin/ConstantStep.ts';
import type { Layer, Step } from '../../step/Step.ts';
import type { StepGraph } from '../../step/StepGraph.ts';
import { guardOf } from './guardOf.ts';
import type { AuthorizeContext } from './OutputTree.ts';
import { assertStep } from './planResult.ts';

export const NOT_AUTHORIZED: ReadonlySet<string> = new Set();

/** Represents `$value` where `authorize` of its type lets it be seen. The step itself where there is none. */
export function authorized(
  graph: StepGraph,
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  $value: Step,
  { hidden, done }: AuthorizeContext,
): Step {
  const { authorize, hidden: byType = 'null' } = objectPlans(type);
  if (done.has(type.name) || $value.authorizedAs([])?.has(type.name) === true) return $value;
  const guard = authorize === undefined ? guardOf($value) : null;
  if (authorize === undefined && guard === null) return $value;
  const $present = new PresentStep($value);
  const $visible = guard?.guardObject($present, type.name) ?? visibleAs(graph, schema, type, $present);
  if ($visible === null) return $value;
  const $authorized = new AuthorizeStep($value, $visible, hidden ?? byType);
  graph.settle();
  return graph.resolve($authorized);
}

/** The authorization rules of a schema, for steps that choose the objects of a connection. */
export function authorizationOf(graph: StepGraph, schema: GraphQLSchema): Authorization<Step> {
  return {
    ofNodes: (coordinate) => {
      const nodes = nodeTypes(schema, coordinate);
      const restricted = (type: GraphQLNamedType): readonly GraphQLObjectType[] =>
        possibleTypes(schema, type).filter((possible) => objectPlans(possible).authorize !== undefined);
      const types = new Set(nodes.flatMap(restricted));
      const [node, ...others] = nodes;
      if (node === undefined || types.size === 0) return null;
      if (others.length > 0) {
        const names = nodes.map(({ name }) => `"${name}"`).join(' and ');
        throw new PlanqlError(
          'NODE_TYPES',
          `The nodes of this connection are of the types ${names}, but authorization needs one. Give "nodes" and "node" one type.`,
        );
      }
      const isVisible = ($object: Step): Step | null =>
        isObjectType(node)
          ? visibleAs(graph, schema, node, new PresentStep($object))
          : isAbstractType(node)
            ? visibleAsOneOf(graph, schema, node, [...types], $object, plannedTypename(graph))
            : null;
      return { types: new Set([...types].map(({ name }) => name)), isVisible };
    },
  };
}

/** The types of the nodes of the connection that a field gives, or is a part of. */
function nodeTypes(schema: GraphQLSchema, coordinate: string): readonly GraphQLNamedType[] {
  const [parentName = '', fieldName = ''] = coordinate.split('.');
  const parent = schema.getType(parentName);
  if (!isObjectType(parent)) return [];
  const field = parent.getFields()[fieldName];
  if (CONNECTION_PARTS.has(fieldName)) return nodesOf(parent);
  const type = field === undefined ? null : getNamedType(field.type);
  return isObjectType(type) ? nodesOf(type) : [];
}

const CONNECTION_PARTS: ReadonlySet<string> = new Set(['nodes', 'edges', 'pageInfo', 'totalCount']);

function nodesOf(connection: GraphQLObjectType): readonly GraphQLNamedType[] {
  const { nodes, edges } = connection.getFields();
  const edge = edges === undefined ? null : getNamedType(edges.type);
  const node = isObjectType(edge) ? edge.getFields().node : undefined;
  const types = [nodes, node].flatMap((field) => (field === undefined ? [] : [getNamedType(field.type)]));
  return [...new Set(types)];
}

function plannedTypename(graph: StepGraph): (type: GraphQLAbstractType, $specifier: Step) => Step {
  return (type, $specifier) => {
    const { planType } = abstractTypePlans(type);
    if (planType === undefined) {
      throw new PlanqlError(
        'NO_PLAN_TYPE',
        `The nodes of this connection are "${type.name}", and authorization depends on their object types. Give "${type.name}" a planType.`,
      );
    }
    const $typename = assertStep(graph, planType($specifier, { abstractType: type }).$__typename);
    graph.settle();
    return graph.resolve($typename);
  };
}

/** A list without hidden objects, and the types that were authorized. */
interface LeftOut {
  readonly $list: Step;
  readonly done: ReadonlySet<string>;
}

/** Represents the list over which `layer` lies without items that are to be left out. Null where none are. */
export function leftOut(
  graph: StepGraph,
  schema: GraphQLSchema,
  itemType: GraphQLNamedType,
  { $list, $item, layer, hidden }: { $list: Step; $item: Step; layer: Layer; hidden: Hidden | null },
  typenameOf: (type: GraphQLAbstractType, $specifier: Step) => Step,
): LeftOut | null {
  const types = leftOutTypes(schema, itemType, hidden);
  if (types.length === 0) return null;
  const $visible = graph.within(layer, () =>
    isObjectType(itemType)
      ? visibleAs(graph, schema, itemType, new PresentStep($item))
      : isAbstractType(itemType)
        ? visibleAsOneOf(graph, schema, itemType, types, $item, typenameOf)
        : null,
  );
  const done = new Set(types.map(({ name }) => name));
  graph.settle();
  if ($visible === null) return { $list, done };
  const $left = new LeaveOutStep($list, $item, graph.resolve($visible), layer);
  graph.settle();
  return { $list: graph.resolve($left), done };
}

/** The object types of a list's items whose hidden objects are left out. */
export function leftOutTypes(
  schema: GraphQLSchema,
  itemType: GraphQLNamedType,
  hidden: Hidden | null,
): readonly GraphQLObjectType[] {
  return possibleTypes(schema, itemType).filter((type) => {
    const plans = objectPlans(type);
    return plans.authorize !== undefined && (hidden ?? plans.hidden) === 'leaveOut';
  });
}

function possibleTypes(schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}

/** Yields whether objects of a type may be seen; null where it is known that all may. */
function visibleAs(graph: StepGraph, schema: GraphQLSchema, type: GraphQLObjectType, $object: Step): Step | null {
  graph.settle();
  const $visible = assertStep(graph, planned(graph, schema, type, graph.resolve($object)));
  graph.settle();
  const $resolved = graph.resolve($visible);
  return $resolved instanceof ConstantStep && $resolved.value === true ? null : $resolved;
}

function planned(graph: StepGraph, schema: GraphQLSchema, type: GraphQLObjectType, $object: Step): unknown {
  return withoutAuthorization(graph, () => objectPlans(type).authorize?.($object, { schema, type }));
}

/** Connections that `authorize` and `subscribePlan` plan choose no objects of the field for which these are planned. */
export function withoutAuthorization<T>(graph: StepGraph, plan: () => T): T {
  const { authorization } = graph;
  graph.authorization = null;
  try {
    return plan();
  } finally {
    graph.authorization = authorization;
  }
}

function visibleAsOneOf(
  graph: StepGraph,
  schema: GraphQLSchema,
  abstractType: GraphQLAbstractType,
  types: readonly GraphQLObjectType[],
  $item: Step,
  typenameOf: (type: GraphQLAbstractType, $specifier: Step) => Step,
): Step | null {
  const { planType, toSpecifier } = abstractTypePlans(abstractType);
  const $given = toSpecifier === undefined ? $item : assertStep(graph, toSpecifier($item));
  graph.settle();
  const $specifier = new PresentStep(graph.resolve($given));
  graph.settle();
  const $typename = typenameOf(abstractType, graph.resolve($specifier));
  const visible = new Map<string, TypedVisibility>();
  for (const type of types) {
    const $ofType = new OfTypeStep(graph.resolve($specifier), $typename, type.name);
    graph.settle();
    const $resolved = graph.resolve($ofType);
    const $planned = planType?.($resolved, { abstractType }).planForType?.(type) ?? $resolved;
    const $object = assertStep(graph, $planned);
    const $present = $object === $resolved ? $object : new PresentStep($object);
    const $visible = visibleAs(graph, schema, type, $present);
    if ($visible !== null) visible.set(type.name, { $object: graph.resolve($object), $visible });
  }
  if (visible.size === 0) return null;
  return new VisibleStep($typename, visible);
}
