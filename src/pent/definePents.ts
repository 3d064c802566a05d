import type { KvetchSchema } from '../kvetch/schema/KvetchSchema.ts';
import { didYouMean } from '../utils/didYouMean.ts';
import type { PentClass, PentDefinition, PentModel, Rule } from './contract.ts';
import { PentError } from './errors.ts';
import { allowAll } from './privacy/always.ts';

export interface PentModelConfig {
  /** The Kvetch schema: every PentObject is an object type of it. */
  readonly schema: KvetchSchema;
  readonly pents: ReadonlyArray<PentClass>;
  /** The result if no rule of a policy decides. Default: `allow`. */
  readonly byDefault?: 'allow' | 'deny';
}

/**
 * Makes the model of an application's classes.
 *
 * ```ts
 * export const model = definePents({ schema: kvetchSchema, pents: [TodoUser, TodoList, TodoItem] });
 * ```
 *
 * @throws PentError when a class has no definition, differs from its Kvetch type, or two classes share a type.
 */
export function definePents({ schema, pents, byDefault = 'allow' }: PentModelConfig): PentModel {
  const byId = new Map<number, PentClass>();
  const byName = new Map<string, PentClass>();
  for (const pentClass of pents) {
    const { name, typeId } = checkedDefinition(schema, pentClass);
    if (byId.has(typeId)) throw badModel(`Two classes have the type id ${typeId} of "${name}". Keep one of them.`);
    assertPolicy(pentClass);
    byId.set(typeId, pentClass);
    byName.set(name, pentClass);
  }
  return {
    schema,
    byDefault,
    classes: [...pents],
    restricted: new Set(pents.filter(({ privacy: { read: [rule] = [] } }) => mayHide(rule, byDefault))),
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

/** A type that asks for a policy and has none would show its objects to everybody. */
function assertPolicy({ definition, privacy }: PentClass): void {
  if (definition?.policy === undefined || privacy.read !== undefined) return;
  const { name, policy } = definition;
  throw badModel(
    `${name} is marked @privacy(rule: "${policy}"), but pents/${name}.ts has no static "privacy" with "read". Add it.`,
  );
}

/** Whether a policy that begins with a rule may hide objects. */
function mayHide(first: Rule | undefined, byDefault: 'allow' | 'deny'): boolean {
  return first === undefined ? byDefault === 'deny' : first !== allowAll;
}

function badModel(message: string): PentError<'BAD_MODEL'> {
  return new PentError('BAD_MODEL', message);
}
