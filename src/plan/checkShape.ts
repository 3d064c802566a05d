import type { Shape } from './documentSchema.ts';

type Definitions = Readonly<Record<string, Shape>>;

/** Where JSON has not the shape that a schema asks for: one sentence each, with the place as `steps[3].layer`. */
export function checkShape(value: unknown, shape: Shape, definitions: Definitions, place = ''): string[] {
  if (shape.$ref !== undefined) return checkShape(value, definitions[nameOf(shape.$ref)] as Shape, definitions, place);
  if (shape.oneOf !== undefined) return checkKind(value, shape.oneOf, definitions, place);
  const problem = ownProblem(value, shape);
  if (problem !== null) return [`${place === '' ? 'The plan' : `"${place}" of the plan`} ${problem}.`];
  if (Array.isArray(value)) return checkItems(value, shape, definitions, place);
  return typeof value === 'object' && value !== null
    ? checkProperties(value as Readonly<Record<string, unknown>>, shape, definitions, place)
    : [];
}

function nameOf(reference: string): string {
  return reference.slice('#/$defs/'.length);
}

function checkKind(value: unknown, shapes: readonly Shape[], definitions: Definitions, place: string): string[] {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const shape = shapes.find(({ properties }) => properties?.kind?.const === kind);
  return shape === undefined
    ? [`"${place}" of the plan is of no known kind.`]
    : checkShape(value, shape, definitions, place);
}

function ownProblem(value: unknown, shape: Shape): string | null {
  if (shape.const !== undefined && value !== shape.const) {
    return `is ${show(value)}, and must be ${show(shape.const)}`;
  }
  if (shape.enum !== undefined && !shape.enum.includes(value as string)) {
    return `is ${show(value)}, and must be one of ${shape.enum.join(', ')}`;
  }
  if (shape.type !== undefined && ![shape.type].flat().some((type) => isOf(value, type))) {
    return `must be of type ${[shape.type].flat().join(' or ')}, and is ${show(value)}`;
  }
  if (shape.minimum !== undefined && (value as number) < shape.minimum) {
    return `must be ${shape.minimum} or more, and is ${show(value)}`;
  }
  if (shape.pattern !== undefined && !new RegExp(shape.pattern, 'u').test(value as string)) {
    return `must match ${shape.pattern}, and is ${show(value)}`;
  }
  return null;
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      // The types that JSON and JavaScript have in common.
      return typeof value === type;
  }
}

function checkItems(items: readonly unknown[], shape: Shape, definitions: Definitions, place: string): string[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = shape;
  if (items.length < minItems || items.length > maxItems) {
    return [`"${place}" of the plan has ${items.length} items, and must have ${minItems} or more.`];
  }
  if (shape.items === undefined) return [];
  const { items: item } = shape;
  return items.flatMap((value, index) => checkShape(value, item, definitions, `${place}[${index}]`));
}

function checkProperties(
  value: Readonly<Record<string, unknown>>,
  { properties = {}, required = [], additionalProperties }: Shape,
  definitions: Definitions,
  place: string,
): string[] {
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`);
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  const problems = missing.map((name) => `The plan has no "${at(name)}".`);
  for (const [name, entry] of Object.entries(value)) {
    const shape = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (shape === false) problems.push(`The plan has "${at(name)}", which is unknown.`);
    else if (shape !== undefined) problems.push(...checkShape(entry, shape, definitions, at(name)));
  }
  return problems;
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length <= 60 ? shown : `${shown.slice(0, 59)}…`;
}
