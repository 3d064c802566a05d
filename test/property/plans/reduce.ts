import { parse, validate } from 'graphql';
import { smaller } from '../../fuzz/shrink.ts';
import type { Attempt } from './attempt.ts';
import type { Cell } from './cells.ts';
import { differenceOf } from './differenceOf.ts';
import { nothing } from './Maker.ts';
import { planSchemaOf } from './planSchema.ts';
import type { Recipe } from './Recipe.ts';
import { areEqual } from './Shape.ts';
import type { FieldSpec, Spec, TypeSpec } from './Spec.ts';
import type { Tables } from './World.ts';

/** Makes a failing attempt as small as it gets: less in the operation, in the recipes and in the tables. */
export async function reduce(failing: Attempt): Promise<Attempt> {
  const outcome = await differenceOf(failing);
  if (outcome === null || outcome === 'undefined') return failing;
  const { road } = outcome;
  let best = failing;
  /** Tries candidates, and goes on with the smaller ones of each that still differs. */
  const pass = async (make: (attempt: Attempt) => Generator<Attempt>): Promise<boolean> => {
    let changed = false;
    for (let skip = 0; ; ) {
      let at = 0;
      let isTaken = false;
      for (const less of make(best)) {
        // What was tried before did not differ, and mostly still does not.
        if (at++ < skip) continue;
        skip = at;
        if (!(await differs(less, road))) continue;
        best = less;
        skip--;
        isTaken = true;
        changed = true;
        break;
      }
      if (!isTaken) return changed;
    }
  };
  const passes = [lessOperation, lessRecipes, lessTables];
  for (let changed = true; changed; ) {
    changed = false;
    for (const make of passes) if (await pass(make)) changed = true;
  }
  return best;
}

async function differs(attempt: Attempt, road: string): Promise<boolean> {
  try {
    const outcome = await differenceOf(attempt, road);
    return outcome !== null && outcome !== 'undefined' && outcome.road === road;
  } catch {
    return false;
  }
}

function* lessOperation(attempt: Attempt): Generator<Attempt> {
  const schema = planSchemaOf(attempt.spec);
  for (const text of smaller(attempt.operation.text)) {
    if (validate(schema, parse(text)).length > 0) continue;
    const variables = Object.fromEntries(
      Object.entries(attempt.operation.variables).filter(([name]) => text.includes(`$${name}`)),
    );
    yield { ...attempt, operation: { text, variables } };
  }
}

function* lessRecipes(attempt: Attempt): Generator<Attempt> {
  for (const spec of lessSpec(attempt.spec, attempt.operation.text)) yield { ...attempt, spec };
}

function* lessSpec(spec: Spec, text: string): Generator<Spec> {
  for (const name of ['Thing', 'Either'] as const) {
    if (spec.typeForms[name].by !== 'kind') yield { ...spec, typeForms: { ...spec.typeForms, [name]: { by: 'kind' } } };
  }
  for (const [at, type] of spec.types.entries()) {
    const withType = (less: TypeSpec): Spec => ({ ...spec, types: spec.types.with(at, less) });
    if (type.authorize !== null) {
      yield withType({ ...type, authorize: null });
      for (const authorize of lessRecipe(type.authorize)) yield withType({ ...type, authorize });
    }
    for (const [place, field] of type.fields.entries()) {
      if (!new RegExp(`\\b${field.name}\\b`).test(text)) continue;
      const withField = (less: FieldSpec): Spec => withType({ ...type, fields: type.fields.with(place, less) });
      for (const less of lessRecipe(field.recipe)) yield withField({ ...field, recipe: less });
      if (field.topic !== null) for (const topic of lessRecipe(field.topic)) yield withField({ ...field, topic });
    }
  }
}

const callbacks = ['each', 'filter', 'groupBy'];

/** The recipe with something smaller in one place, for each place. */
function* lessRecipe(given: Recipe): Generator<Recipe> {
  const { yields } = given;
  if (yields !== undefined) {
    if (given.kind !== 'constant') yield nothing(yields);
    for (const part of partsOf(given)) if (part.yields !== undefined && areEqual(part.yields, yields)) yield part;
  }
  if (typeof given.with === 'object' && given.with !== null && 'answers' in given.with) {
    for (const [name, value] of [
      ['answers', 'sync'],
      ['isSelecting', false],
      ['isShared', false],
      ['equals', 'none'],
      ['ahead', true],
      ['pages', null],
    ] as const) {
      if (name in given.with && (given.with as Record<string, unknown>)[name] !== value)
        yield { ...given, with: { ...given.with, [name]: value } };
    }
  }
  for (const [at, part] of given.of.entries()) {
    for (const less of lessRecipe(part)) yield { ...given, of: given.of.with(at, less) };
  }
}

/** All parts that may stand outside: not those of callbacks, which refer to their items. */
function* partsOf({ kind, of }: Recipe): Generator<Recipe> {
  for (const [at, part] of of.entries()) {
    if (at === 1 && callbacks.includes(kind)) continue;
    yield part;
    yield* partsOf(part);
  }
}

function* lessTables(attempt: Attempt): Generator<Attempt> {
  const { tables } = attempt;
  const withTables = (less: Partial<Tables>): Attempt => ({ ...attempt, tables: { ...tables, ...less } });
  if (tables.failing.length > 0) yield withTables({ failing: [] });
  for (const [key, row] of Object.entries(tables.rows)) {
    for (const [name, cell] of Object.entries(row)) {
      for (const less of lessCell(cell))
        yield withTables({ rows: { ...tables.rows, [key]: { ...row, [name]: less } } });
    }
  }
  for (const table of ['near', 'numbers'] as const) {
    for (const [key, cell] of Object.entries(tables[table])) {
      for (const less of lessCell(cell)) yield withTables({ [table]: { ...tables[table], [key]: less } });
    }
  }
}

function* lessCell(cell: Cell): Generator<Cell> {
  if (cell.is === 'getter' || cell.is === 'later') yield { is: 'value', value: cell.value };
  if (cell.is === 'error' || cell.is === 'throws' || cell.is === 'rejects') yield { is: 'value', value: null };
  if (cell.is !== 'list') return;
  if (cell.as !== 'array') yield { ...cell, as: 'array' };
  for (const [at, item] of cell.items.entries()) {
    yield { ...cell, items: cell.items.toSpliced(at, 1) };
    for (const less of lessCell(item)) yield { ...cell, items: cell.items.with(at, less) };
  }
}
