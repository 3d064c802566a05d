import type { PentDefinition, PentObject, PentPage, PentType } from './contract.ts';
import { PentError, wrongType } from './errors.ts';

/** The objects of a page; throws the error of an object that could not be loaded. */
export function objectsOf<TPent extends PentObject>({ objects }: PentPage<TPent>): readonly TPent[] {
  return entriesOrThrow(objects);
}

/** Entries without errors, as they are; throws the first error. */
export function entriesOrThrow<T>(entries: ReadonlyArray<T | Error>): readonly T[] {
  for (const entry of entries) if (entry instanceof Error) throw entry;
  return entries as readonly T[];
}

/** Entries of a type, as they are; an object of another type becomes an error in its place. */
export function entriesOfType<TPent extends PentObject>(
  entries: ReadonlyArray<PentObject | Error | null>,
  type: PentType<TPent>,
): ReadonlyArray<TPent | Error | null> {
  const fits = (entry: PentObject | Error | null): entry is TPent | Error | null =>
    entry === null || entry instanceof Error || isOfType(entry, type);
  return entries.every(fits) ? entries : entries.map((entry) => (fits(entry) ? entry : wrongType(entry, type)));
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
