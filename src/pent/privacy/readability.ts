import type { Context, PentClass, PentModel, Rule, RuleSet } from '../contract.ts';
import { allowAll } from './always.ts';
import { sameAs } from './rules.ts';

const NO_RULES: readonly Rule[] = [];
const PUBLIC: readonly Rule[] = [allowAll];

/** Whether a context may hide objects of a class as entries of a list that tells of some attributes. */
export function mayHideEntries({ seesAll, model }: Context, pentClass: unknown, told: readonly string[]): boolean {
  return !seesAll && (model.objectRules.has(pentClass) || hasRules(model, pentClass, told));
}

/** Whether there are rules for one of these fields of a class. */
export function hasRules({ fieldRules }: PentModel, pentClass: unknown, fields: readonly string[]): boolean {
  return fieldRules.get(pentClass)?.some(({ field }) => field !== null && fields.includes(field)) === true;
}

/** The rules that decide on objects of a type, or on a field of them; null where all of it may be seen. */
export function rulesOf(model: PentModel, typeId: number, field: string | null): RuleSet | null {
  const pentClass = model.find(typeId);
  if (pentClass === null) return null;
  if (field === null) return model.objectRules.get(pentClass) ?? null;
  return model.fieldRules.get(pentClass)?.find((rules) => rules.field === field) ?? null;
}

/** The rules for reading objects of a class: its own, or what its definition says. */
export function readRules({ definition, privacy }: PentClass): readonly Rule[] {
  if (privacy.read !== undefined) return privacy.read;
  if (definition?.public === true) return PUBLIC;
  return definition?.sameAs === undefined ? NO_RULES : [sameAs(definition.sameAs), allowAll];
}

/** The attribute by which objects are readable as another one is, if a rule says so. */
export function parentOf({ test }: Rule): string | null {
  return typeof test === 'object' && 'sameAs' in test ? test.sameAs : null;
}
