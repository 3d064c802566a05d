import type { PentDefinition, PentObject, PentPage, PentType } from './contract.ts';
import { PentError, wrongType } from './errors.ts';

/** What a page holds; throws the error of an object that could not be loaded. */
export function objectsOf<TPent extends PentObject>({ objects }: PentPage<TPent>): readonly TPent[] {
  return objects.map(entryOrThrow);
}

export function entryOrThrow<T>(entry: T | Error): T {
  if (entry instanceof Error) throw entry;
  return entry;
}

/** The definition of a class that is not `Pent` itself. */
export function definitionOf({ definition }: { readonly definition: PentDefinition | null }): PentDefinition {
  if (definition === null) throw new PentError('BAD_MODEL', 'A class of Pents needs a static "definition".');
  return definition;
}

/** Whether a Pent is of a type. */
export function isOfType<TPent extends PentObject>(pent: PentObject, type: PentType<TPent>): pent is TPent {
  return type.definition === null || pent.typeId === type.definition.typeId;
}

/** A Pent of the type that was asked for; throws where it is of another. */
export function assertType<TPent extends PentObject>(pent: PentObject | null, type: PentType<TPent>): TPent | null {
  if (pent === null || isOfType(pent, type)) return pent;
  throw wrongType(pent, type);
}
