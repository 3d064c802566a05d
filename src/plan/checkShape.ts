import { InternalError } from '../errors/InternalError.ts';
import { getOrCreate } from '../utils/getOrCreate.ts';
import { isRecord } from '../utils/isRecord.ts';
import type { Shape } from './documentSchema.ts';

type Definitions = Readonly<Record<string, Shape>>;

/** Where JSON has not the shape that a schema asks for: one sentence each, with the place as `steps[3].layer`. */
export function checkShape(value: unknown, shape: Shape, definitions: Definitions, place = ''): string[] {
  const check = new Check(definitions, place);
  check.value(value, shape);
  return check.problems;
}

/** Goes through the value and its shape. A valid value allocates nothing: places are written for problems only. */
class Check {
  readonly problems: string[] = [];
  readonly #definitions: Definitions;
  readonly #place: string;
  readonly #path: (string | number)[] = [];

  constructor(definitions: Definitions, place: string) {
    this.#definitions = definitions;
    this.#place = place;
  }

  value(value: unknown, shape: Shape): void {
    if (shape.$ref !== undefined) return this.value(value, this.#definition(nameOf(shape.$ref)));
    if (shape.oneOf !== undefined) return this.#kind(value, shape.oneOf);
    const problem = ownProblem(value, shape);
    if (problem !== null) this.problems.push(`${this.#subject()} ${problem}.`);
    else if (Array.isArray(value)) this.#items(value, shape);
    else if (isRecord(value)) this.#properties(value, shape);
  }

  #definition(name: string): Shape {
    const shape = this.#definitions[name];
    if (shape === undefined) throw new InternalError(`A shape refers to "${name}", which is not defined.`);
    return shape;
  }

  #at(): string {
    let place = this.#place;
    for (const key of this.#path) {
      if (typeof key === 'number') place += `[${key}]`;
      else place += place === '' ? key : `.${key}`;
    }
    return place;
  }

  #subject(): string {
    const place = this.#at();
    return place === '' ? 'The plan' : `"${place}" of the plan`;
  }

  #kind(value: unknown, shapes: readonly Shape[]): void {
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
    const shape = shapes.find(({ properties }) => properties?.kind?.const === kind);
    if (shape === undefined) this.problems.push(`${this.#subject()} is of no known kind.`);
    else this.value(value, shape);
  }

  #items(items: readonly unknown[], { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items: item }: Shape): void {
    if (items.length < minItems || items.length > maxItems) {
      this.problems.push(`${this.#subject()} has ${items.length} items, and must have ${minItems} or more.`);
    } else if (item !== undefined) {
      for (let index = 0; index < items.length; index++) this.#inner(index, items[index], item);
    }
  }

  #inner(key: string | number, value: unknown, shape: Shape): void {
    this.#path.push(key);
    this.value(value, shape);
    this.#path.pop();
  }

  #properties(value: Readonly<Record<string, unknown>>, shape: Shape): void {
    const { properties = NO_SHAPES, required = NO_NAMES, additionalProperties } = shape;
    for (const name of required) if (!Object.hasOwn(value, name)) this.#say('The plan has no', name, '.');
    for (const name of Object.keys(value)) {
      const inner = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (inner === false) this.#say('The plan has', name, ', which is unknown.');
      else if (inner !== undefined) this.#inner(name, value[name], inner);
    }
  }

  #say(before: string, name: string, after: string): void {
    this.#path.push(name);
    this.problems.push(`${before} "${this.#at()}"${after}`);
    this.#path.pop();
  }
}

const NO_SHAPES: Definitions = {};
const NO_NAMES: readonly string[] = [];

function nameOf(reference: string): string {
  return reference.slice('#/$defs/'.length);
}

function ownProblem(value: unknown, shape: Shape): string | null {
  const { const: constant, enum: names, type, minimum, maximum, pattern } = shape;
  if (constant !== undefined && value !== constant) return `is ${show(value)}, and must be ${show(constant)}`;
  const allowed: readonly unknown[] | undefined = names;
  if (names !== undefined && allowed?.includes(value) === false) {
    return `is ${show(value)}, and must be one of ${names.join(', ')}`;
  }
  if (type !== undefined && !(typeof type === 'string' ? isOf(value, type) : type.some((one) => isOf(value, one)))) {
    return `must be of type ${[type].flat().join(' or ')}, and is ${show(value)}`;
  }
  if (minimum !== undefined && typeof value === 'number' && value < minimum)
    return `must be ${minimum} or more, and is ${show(value)}`;
  if (maximum !== undefined && typeof value === 'number' && value > maximum)
    return `must be ${maximum} or less, and is ${show(value)}`;
  if (pattern !== undefined && typeof value === 'string' && !expressionOf(pattern).test(value)) {
    return `must match ${pattern}, and is ${show(value)}`;
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

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  return getOrCreate(expressions, pattern, () => new RegExp(pattern, 'u'));
}

function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length <= 60 ? shown : `${shown.slice(0, 59)}…`;
}
