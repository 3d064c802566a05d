import { argumentNode, type DirectiveUse, directiveUses } from '../model/directiveUse.ts';
import { indexName } from '../model/readLists.ts';
import { type CheckContext, hasDirective, useOf } from './CheckContext.ts';

/**
 * Warns of indexes that no field reads, and no text of hand-written code names: each costs a row for each object, and is
 * kept for nothing. Unique ones keep values apart.
 */
export function warnOfUnreadLists({ model, types, fields, problems }: CheckContext, code: readonly string[]): void {
  const read = new Set<string>();
  for (const query of model.queries) {
    if (query.kind !== 'index') continue;
    read.add(query.index);
    for (const name of Object.values(query.reading.choice?.lists ?? {})) read.add(name.replace(/^-/, ''));
  }
  const isNamed = (name: string): boolean => code.some((text) => new RegExp(`['"\`]${name}['"\`]`).test(text));
  for (const entry of types.values()) {
    if (!hasDirective(entry, 'pent')) continue;
    const uses: { readonly use: DirectiveUse; readonly attribute: string | null }[] = [];
    for (const use of directiveUses(entry.directives, problems)) uses.push({ use, attribute: null });
    for (const field of fields.filter((other) => other.entry === entry)) {
      const attribute = String(useOf(field, 'genFromStoredId')?.args.field ?? field.field.name.value);
      for (const use of field.uses) uses.push({ use, attribute });
    }
    for (const { use, attribute } of uses) {
      if (use.name !== 'index') continue;
      const name = indexName(use, entry.name, attribute);
      if (read.has(name) || isNamed(name)) continue;
      problems.at(
        argumentNode(use.node, 'name'),
        `Nobody reads the index "${name}" of ${entry.name}, and each ${entry.name} keeps a row in it. Read it by a field with @pentFromIndex(index: "${name}"), or take it away.`,
      );
    }
  }
}
