import {
  type GraphQLInputType,
  type GraphQLLeafType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isScalarType,
  Kind,
  specifiedScalarTypes,
  type ValueNode,
} from 'graphql';
import { planqlExtension } from './planResolvers.ts';

const builtIn: ReadonlySet<unknown> = new Set(specifiedScalarTypes);

/** Whether it is one of the five scalars of GraphQL, whose values cannot be written to. */
export function isBuiltInScalar(type: GraphQLLeafType): boolean {
  return builtIn.has(type);
}

/**
 * Whether a scalar reads equal literals as equal values at any time: the built-in ones, and those that say so with
 * `extensions: { planql: { isPure: true } }`. Their literals are read once a plan, all others once a request.
 */
function isPureScalar(type: GraphQLLeafType): boolean {
  return builtIn.has(type) || planqlExtension(type).isPure === true;
}

/** Whether all scalars that read a literal are pure. A variable is read by nobody here. */
export function isPureLiteral(type: GraphQLInputType, node: ValueNode): boolean {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const itemType = nullable.ofType;
    return node.kind === Kind.LIST
      ? node.values.every((item) => isPureLiteral(itemType, item))
      : isPureLiteral(itemType, node);
  }
  if (isLeafType(nullable)) return !isScalarType(nullable) || isPureScalar(nullable);
  if (!isInputObjectType(nullable) || node.kind !== Kind.OBJECT) return true;
  const fields = nullable.getFields();
  return node.fields.every(({ name, value }) => {
    const field = Object.hasOwn(fields, name.value) ? fields[name.value] : undefined;
    return field === undefined || isPureLiteral(field.type, value);
  });
}
