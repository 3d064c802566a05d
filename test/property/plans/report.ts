import { inspect } from 'node:util';
import type { Attempt } from './attempt.ts';
import type { Cell } from './cells.ts';
import { differenceOf } from './differenceOf.ts';
import { shown } from './Recipe.ts';
import { reduce } from './reduce.ts';
import { typeOf } from './Shape.ts';
import type { Spec } from './Spec.ts';

/** A failing attempt, made small, as text: all that is needed to understand and to repeat it. */
export async function report(failing: Attempt): Promise<string> {
  const small = await reduce(failing);
  const { operation, spec, seed } = small;
  const outcome = await differenceOf(small);
  return [
    `seed ${seed}`,
    operation.text,
    `variables ${JSON.stringify(operation.variables)}`,
    recipesOf(spec, operation.text),
    tablesOf(small),
    outcome === null || outcome === 'undefined' ? `${outcome}` : `road: ${outcome.road}\n${outcome.message}`,
    `npm run property:plans -- --from ${seed} --seeds 1`,
  ].join('\n\n');
}

/** The recipes that an operation meets. */
function recipesOf({ types, typeForms, nodeForm }: Spec, text: string): string {
  const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const lines = types.flatMap(({ name, fields, authorize, hidden }) => [
    ...(authorize === null ? [] : [`${name}, authorize (${hidden}): ${shown(authorize)}`]),
    ...fields
      .filter((field) => has(field.name))
      .flatMap((field) => [
        `${name}.${field.name}: ${typeOf(field.shape, field.strict)} = ${shown(field.recipe)}`,
        ...(field.topic === null ? [] : [`  topic ${shown(field.topic)}`]),
      ]),
  ]);
  for (const [name, form] of Object.entries(typeForms)) if (form.by !== 'kind') lines.push(`${name} ${inspect(form)}`);
  return [...lines, `Node by ${JSON.stringify(nodeForm)}`].join('\n');
}

function tablesOf({ tables }: Attempt): string {
  const odd = (cells: Readonly<Record<string, Cell>>): string =>
    Object.entries(cells)
      .map(([name, cell]) => `${name}: ${cell.is === 'value' ? JSON.stringify(cell.value) : JSON.stringify(cell)}`)
      .join(', ');
  return [
    `failing: ${tables.failing}`,
    ...Object.entries(tables.rows).map(([key, row]) => `${key} { ${odd(row)} }`),
    `near { ${odd(tables.near)} }`,
    `numbers { ${odd(tables.numbers)} }`,
    `distinct ${JSON.stringify(tables.distinct)}`,
  ].join('\n');
}
