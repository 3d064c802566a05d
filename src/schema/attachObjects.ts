import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { didYouMean } from '../utils/didYouMean.ts';
import { inspect } from '../utils/inspect.ts';
import { checkFunctions, checkPlans, configuredTypes, unknownKeys, withHooks } from './configuredTypes.ts';
import { type FieldSettings, fieldSettings, gatherFields } from './gatherFields.ts';
import type { ObjectConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

const objectSettings: Readonly<Record<keyof ObjectConfig, true>> = {
  plans: true,
  resolvers: true,
  isTypeOf: true,
  authorize: true,
  hidden: true,
};

/** Hangs plan resolvers and resolvers on the fields of object types. */
export function attachObjects(
  schema: GraphQLSchema,
  objects: Readonly<Record<string, ObjectConfig>> | undefined,
  problems: SchemaProblems,
): void {
  for (const [type, config] of configuredTypes<GraphQLObjectType, ObjectConfig>(schema, 'objects', objects, problems)) {
    for (const message of unknownKeys(`"${type.name}"`, config, objectSettings)) problems.add(type.name, message);
    checkFunctions(type.name, config, ['isTypeOf', 'authorize'], problems);
    checkPlans(type.name, config, ['authorize'], problems);
    checkHidden(type.name, config, problems);
    attachAuthorize(schema, type, config, problems);
    if (config.isTypeOf !== undefined) type.isTypeOf = config.isTypeOf;
    const subscriptionType = type === schema.getSubscriptionType() ? null : (schema.getSubscriptionType() ?? undefined);
    for (const [name, settings] of gatherFields(type.name, config, problems)) {
      const field = type.getFields()[name];
      if (field === undefined) {
        const guess = didYouMean(name, Object.keys(type.getFields()));
        problems.add(`${type.name}.${name}`, `The type "${type.name}" has no field "${name}".${guess}`);
        continue;
      }
      checkField(`${type.name}.${name}`, settings, subscriptionType, problems);
      checkMaxRows(field, `${type.name}.${name}`, settings, problems);
      attachField(field, settings);
    }
  }
}

const exclusive = [
  ['plan', 'resolve'],
  ['plan', 'batch'],
  ['batch', 'resolve'],
  ['subscribePlan', 'subscribe'],
] as const;

/** @param subscriptionType - the type on which `subscribePlan` would be right, or `null` when the field is on it. */
function checkField(
  coordinate: string,
  settings: FieldSettings,
  subscriptionType: GraphQLObjectType | null | undefined,
  problems: SchemaProblems,
): void {
  checkFunctions(
    coordinate,
    settings,
    Object.keys(fieldSettings).filter((name) => name !== 'hidden' && name !== 'maxRows'),
    problems,
  );
  checkHidden(coordinate, settings, problems);
  checkPlans(coordinate, settings, ['plan', 'subscribePlan'], problems);
  for (const [one, other] of exclusive) {
    if (settings[one] !== undefined && settings[other] !== undefined) {
      problems.add(coordinate, `It has both "${one}" and "${other}". Remove one of them.`);
    }
  }
  if (subscriptionType === null) return;
  for (const name of ['subscribePlan', 'subscribe'] as const) {
    if (settings[name] === undefined) continue;
    const remedy = subscriptionType === undefined ? ', and this schema has none' : `, "${subscriptionType.name}"`;
    problems.add(coordinate, `"${name}" is for fields of the subscription type${remedy}.`);
  }
}

function attachField(
  field: GraphQLField<unknown, unknown>,
  { plan, batch, subscribePlan, resolve, subscribe, hidden, maxRows }: FieldSettings,
): void {
  field.extensions = withHooks(field.extensions, { plan, batch, subscribePlan, hidden, maxRows });
  if (resolve !== undefined) field.resolve = resolve;
  if (subscribe !== undefined) field.subscribe = subscribe;
}

function checkMaxRows(
  { args }: GraphQLField<unknown, unknown>,
  coordinate: string,
  { maxRows }: FieldSettings,
  problems: SchemaProblems,
): void {
  if (maxRows === undefined || maxRows === 'unbounded') return;
  if (typeof maxRows === 'number' && Number.isSafeInteger(maxRows) && maxRows >= 0) return;
  const names = args.map(({ name }) => name);
  if (typeof maxRows === 'string' && names.includes(maxRows)) return;
  const guess = typeof maxRows === 'string' ? didYouMean(maxRows, names) : '';
  const wanted = `must be a whole number, the name of an argument, or 'unbounded'`;
  problems.add(coordinate, `"maxRows" ${wanted}, but is ${inspect(maxRows)}.${guess}`);
}

function checkHidden(coordinate: string, { hidden }: { readonly hidden?: unknown }, problems: SchemaProblems): void {
  if (hidden === undefined || hidden === 'null' || hidden === 'leaveOut' || hidden instanceof Error) return;
  problems.add(coordinate, `"hidden" must be 'null', 'leaveOut' or an error, but is ${inspect(hidden)}.`);
}

function attachAuthorize(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  { authorize, hidden }: ObjectConfig,
  problems: SchemaProblems,
): void {
  if (authorize === undefined) {
    if (hidden !== undefined)
      problems.add(type.name, '"hidden" is there, but no "authorize" that would hide anything.');
    return;
  }
  const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
  if (isRoot)
    problems.add(
      type.name,
      '"authorize" is for objects. Everybody sees the root types; authorize the types of their fields.',
    );
  type.extensions = withHooks(type.extensions, { authorize, hidden });
}
