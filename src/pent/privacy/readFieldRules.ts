import type { KvetchSchema } from '../../kvetch/schema/KvetchSchema.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { PentClass, PentDefinition, RuleSet } from '../contract.ts';
import { PentError } from '../errors.ts';
import { allowAll } from './always.ts';
import { toldByIndex } from './toldAttributes.ts';

const SYSTEM = ['id', 'typeId', 'version', 'createdAt', 'updatedAt'];

/**
 * The rules for the fields of a class, without those that hide nothing.
 *
 * @throws PentError where something would tell of a hidden value: a unique index, say.
 */
export function readFieldRules(schema: KvetchSchema, pentClass: PentClass): readonly RuleSet[] {
  const { privacy, definition } = pentClass;
  const { fields = {} } = privacy;
  const { name = '', visible = {} } = definition ?? {};
  for (const [field, rule] of Object.entries(visible)) {
    if (Object.hasOwn(fields, field)) continue;
    throw badField(
      `${name}.${field} is marked @visible(rule: "${rule}"), but pents/${name}.ts has no rules for it in static "privacy": { fields: { ${field}: […] } }. Add them.`,
    );
  }
  return Object.entries(fields).flatMap(([field, rules]): readonly RuleSet[] => {
    assertHideable(schema, definition, field);
    return rules[0] === allowAll ? [] : [{ pentClass, field, rules, fallback: false }];
  });
}

function assertHideable(schema: KvetchSchema, definition: PentDefinition | null, field: string): void {
  const { name = '', typeId = 0 } = definition ?? {};
  const place = `${name}.${field}`;
  if (SYSTEM.includes(field)) {
    throw badField(`${place} cannot have rules: every object shows it. Hide the object, or use an attribute.`);
  }
  const type = schema.findType(typeId);
  const known = type?.fields ?? null;
  if (known !== null && !known.has(field)) {
    throw badField(
      `The policy of ${name} has rules for "${field}", which is no stored attribute.${didYouMean(field, [...known.keys()])}`,
    );
  }
  if (known?.get(field)?.required === true) {
    throw badField(
      `${place} has rules, and is required: those who may not see it get null. Make it optional in the schema.`,
    );
  }
  const unique = type?.indexes.find(({ name: index, unique }) => unique && toldByIndex(schema, index).includes(field));
  if (unique !== undefined) {
    throw badField(
      `${place} has rules, and the index "${unique.name}" is unique: the error of a write would tell that a value is taken. Make the index one that is not unique.`,
    );
  }
  const edge = type?.storedIdEdges.find(({ colocate, storedIdAttr }) => colocate && storedIdAttr === field);
  if (edge !== undefined) {
    throw badField(
      `${place} has rules, and the edge "${edge.name}" is colocated by it: ids would tell the shard of the hidden object. Take "colocate" away.`,
    );
  }
}

function badField(message: string): PentError<'BAD_MODEL'> {
  return new PentError('BAD_MODEL', message);
}
