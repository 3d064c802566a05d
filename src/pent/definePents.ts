import { anything, checkOptions, type OptionTable, oneOf } from '../errors/checkOptions.ts';
import type { KvetchSchema } from '../kvetch/schema/KvetchSchema.ts';
import { didYouMean } from '../utils/didYouMean.ts';
import type { PentClass, PentDefinition, PentModel, Policy, Rule, RuleSet } from './contract.ts';
import { PentError } from './errors.ts';
import { allowAll } from './privacy/always.ts';
import { readRules } from './privacy/readability.ts';
import { readFieldRules } from './privacy/readFieldRules.ts';

/** The argument of `definePents`. */
export interface PentModelConfig {
  /** The Kvetch schema: every PentObject is an object type of it. */
  readonly schema: KvetchSchema;
  /** The classes, one for each type of the store that the application uses. */
  readonly pents: ReadonlyArray<PentClass>;
  /**
   * The result where no rule of a policy decides: a type that says nothing, or a policy with `read` alone, allows no
   * writes by `deny`. New projects of Grapple say `deny`. Default: `allow`, with a warning where writes are open.
   */
  readonly byDefault?: 'allow' | 'deny';
}

const modelOptions: OptionTable<PentModelConfig> = {
  schema: anything,
  pents: anything,
  byDefault: oneOf('allow', 'deny'),
};

/**
 * Makes the model of an application's classes.
 *
 * ```ts
 * export const model = definePents({ schema: kvetchSchema, pents: [TodoUser, TodoList, TodoItem] });
 * ```
 *
 * @throws PentError when a class has no definition, differs from its Kvetch type, or two classes share a type; for rules
 * about a field that something else would tell of.
 */
export function definePents(config: PentModelConfig): PentModel {
  checkOptions('definePents', config, modelOptions);
  const { schema, pents, byDefault: given } = config;
  const byDefault = given ?? 'allow';
  const byId = new Map<number, PentClass>();
  const byName = new Map<string, PentClass>();
  const objectRules = new Map<unknown, RuleSet>();
  const fieldRules = new Map<unknown, readonly RuleSet[]>();
  for (const pentClass of pents) {
    const { name, typeId } = checkedDefinition(schema, pentClass);
    if (byId.has(typeId)) throw badModel(`Two classes have the type id ${typeId} of "${name}". Keep one of them.`);
    assertPolicy(pentClass);
    const rules = readRules(pentClass);
    if (mayHide(rules[0], byDefault)) {
      objectRules.set(pentClass, { pentClass, field: null, rules, fallback: byDefault === 'allow' });
    }
    const ofFields = readFieldRules(schema, pentClass);
    if (ofFields.length > 0) fieldRules.set(pentClass, ofFields);
    byId.set(typeId, pentClass);
    byName.set(name, pentClass);
  }
  if (given === undefined) warnOfOpenWrites(pents);
  return {
    schema,
    byDefault,
    classes: [...pents],
    objectRules,
    fieldRules,
    find: (typeId) => byId.get(typeId) ?? null,
    named(name) {
      const found = byName.get(name);
      if (found !== undefined) return found;
      throw badModel(`The model has no PentObject "${name}".${didYouMean(name, [...byName.keys()])}`);
    },
  };
}

function checkedDefinition(schema: KvetchSchema, { definition, name }: PentClass & { name?: string }): PentDefinition {
  if (definition === null) throw badModel(`The class "${name}" has no static "definition".`);
  const type = schema.findType(definition.typeId);
  if (type?.name === definition.name) return definition;
  const seen = type === null ? 'no type with that id' : `the name "${type.name}" for it`;
  throw badModel(
    `The PentObject "${definition.name}" has the type id ${definition.typeId}, and the Kvetch schema has ${seen}.`,
  );
}

const lists: OptionTable<Policy> = {
  read: anything,
  write: anything,
  create: anything,
  update: anything,
  delete: anything,
  fields: anything,
};

/** A type that asks for a policy and has none, or one with a misspelt list, would show its objects to everybody. */
function assertPolicy({ definition, privacy }: PentClass): void {
  const { name, policy, public: isPublic, sameAs } = definition ?? {};
  checkOptions(`The policy of ${name}`, privacy, lists, BadPolicy);
  if (privacy.read !== undefined && (isPublic === true || sameAs !== undefined)) {
    const said = isPublic === true ? '@public' : `@sameAs(field: "${sameAs}")`;
    throw badModel(
      `${name} is marked ${said}, and pents/${name}.ts has rules for "read", too. Take them away, or mark ${name} with @privacy.`,
    );
  }
  if (policy === undefined || privacy.read !== undefined) return;
  throw badModel(
    `${name} is marked @privacy(rule: "${policy}"), but pents/${name}.ts has no static "privacy" with "read". Add it.`,
  );
}

/** A policy for reads alone does not say that all readers may write. */
function warnOfOpenWrites(pents: readonly PentClass[]): void {
  const open = pents.filter(({ privacy: { read, write, create, update, delete: del } }) => {
    return read !== undefined && (write ?? create ?? update ?? del) === undefined;
  });
  if (open.length === 0) return;
  const names = open.map(({ definition }) => definition?.name).join(', ');
  process.emitWarning(
    `${names}: the policy has rules for "read" and none for writes, so that all who may read an object may change and delete it. Write definePents({ byDefault: 'deny' }) (in a schema of Grapple: extend schema @byDefault(access: "deny")), and add rules for "write". To leave it so: 'allow'.`,
    { code: 'PLANQL_OPEN_WRITES' },
  );
}

/** Whether a policy that begins with a rule may hide objects. */
function mayHide(first: Rule | undefined, byDefault: 'allow' | 'deny'): boolean {
  return first === undefined ? byDefault === 'deny' : first !== allowAll;
}

class BadPolicy extends PentError<'BAD_MODEL'> {
  constructor(message: string) {
    super('BAD_MODEL', message);
  }
}

function badModel(message: string): PentError<'BAD_MODEL'> {
  return new PentError('BAD_MODEL', message);
}
