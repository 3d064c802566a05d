import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { isRecord } from '../utils/isRecord.ts';
import { type Extended, planqlExtension } from './planResolvers.ts';
import type { InputApply, InputBaked } from './SchemaConfig.ts';

function hook<THook>(extended: Extended, name: 'apply' | 'baked'): THook | undefined {
  return (planqlExtension(extended) as Record<string, THook>)[name];
}

/**
 * Runs the `apply` hooks of a coerced input on `target`, outer fields before inner ones, list items in order. A field
 * without a hook gives its own target to its inner fields; one with a hook gives them the result of the hook: nothing,
 * another target, or a function that makes one for each item of a list.
 */
export function applyInputTo(type: GraphQLInputType, value: unknown, target: unknown): void {
  if (value === null || value === undefined) return;
  const nullable = getNullableType(type);
  if (isListType(nullable)) applyItems(nullable.ofType, value, target);
  else if (isInputObjectType(nullable) && isRecord(value)) applyFields(nullable, value, own(target));
  else if (isEnumType(nullable)) applyEnum(nullable, value, own(target));
}

/** A function stands for the target of one item. */
function own(target: unknown): unknown {
  return typeof target === 'function' ? target() : target;
}

function applyItems(type: GraphQLInputType, value: unknown, target: unknown): void {
  const items = Array.isArray(value) ? value : [value];
  for (const item of items) applyInputTo(type, item, target);
}

function applyFields(type: GraphQLInputObjectType, input: Record<string, unknown>, target: unknown): void {
  for (const field of Object.values(type.getFields())) {
    if (!Object.hasOwn(input, field.name) || input[field.name] === undefined) continue;
    const apply = hook<InputApply>(field, 'apply');
    const value = input[field.name];
    if (apply === undefined) {
      applyInputTo(field.type, value, target);
      continue;
    }
    const inner = apply(target, bakedInput(field.type, value), { type, field });
    if (inner !== undefined && inner !== null) applyInputTo(field.type, value, inner);
  }
}

function applyEnum(type: GraphQLEnumType, value: unknown, target: unknown): void {
  const definition = type.getValues().find((known) => known.value === value);
  const apply = definition && hook<(target: unknown, info: unknown) => unknown>(definition, 'apply');
  apply?.(target, { type, value: definition });
}

/** A coerced input with the `baked` functions of its types run on it, inner ones first. */
export function bakedInput(type: GraphQLInputType, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const itemType = nullable.ofType;
    return Array.isArray(value) ? value.map((item) => bakedInput(itemType, item)) : bakedInput(itemType, value);
  }
  if (!isInputObjectType(nullable) || !isRecord(value)) return value;
  const inside: Record<string, unknown> = {};
  for (const field of Object.values(nullable.getFields())) {
    if (Object.hasOwn(value, field.name)) inside[field.name] = bakedInput(field.type, value[field.name]);
  }
  const baked = hook<InputBaked>(nullable, 'baked');
  return baked === undefined ? inside : baked(inside, { type: nullable });
}
