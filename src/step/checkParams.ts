import { checkShape } from '../plan/checkShape.ts';
import type { Shape } from '../plan/documentSchema.ts';
import type { Json, Plan } from '../plan/Plan.ts';
import { isReference, unquoteParam } from '../plan/params.ts';
import { appendAll } from '../utils/appendAll.ts';
import type { Definitions as Names } from './Definitions.ts';
import type { ParamShape } from './paramShapes.ts';

type Definitions = Readonly<Record<string, Shape>>;

/** The params of a plan's steps that the step classes refuse; `fields` is the number of fields in its document. */
export function checkParams({ steps, places, guards }: Plan, fields: number, names: Names): string[] {
  const definitions: Definitions = {
    place: below(places.length),
    fieldNode: below(fields),
    guard: below(guards.length),
  };
  return steps.flatMap(({ op, params }, id) => {
    const shapes = names.stepClass(op)?.paramShapes ?? null;
    if (shapes === null) return [];
    const at = (name: string): string => `steps[${id}].params.${name}`;
    const problems: string[] = [];
    for (const [name, shape] of Object.entries(shapes)) {
      const given = Object.hasOwn(params, name) ? params[name] : undefined;
      if (given !== undefined) appendAll(problems, checkParam(given, shape, definitions, names, at(name)));
      else if (shape.optional !== true) problems.push(`The plan has no "${at(name)}", which ${op} needs.`);
    }
    for (const name of Object.keys(params)) {
      if (!Object.hasOwn(shapes, name)) problems.push(`The plan has "${at(name)}", which ${op} does not know.`);
    }
    return problems;
  });
}

function checkParam(param: Json, shape: ParamShape, definitions: Definitions, names: Names, at: string): string[] {
  const { reference } = shape;
  if (!isReference(param)) {
    if (reference === undefined || shape.type !== undefined) {
      return checkShape(unquoteParam(param), shape, definitions, at);
    }
    return [`"${at}" of the plan must name a ${reference}.`];
  }
  if (reference === undefined) return [`"${at}" of the plan names something where there must be a value.`];
  const found = param.$ref === null ? undefined : names.reference(param.$ref);
  // Another check reports names that this process lacks.
  if (found === undefined || reference === 'loader' || typeof found === 'function') return [];
  return [`"${at}" of the plan names "${param.$ref}", which is no function.`];
}

function below(length: number): Shape {
  return { type: 'integer', minimum: 0, maximum: length - 1 };
}
