import type { Shape } from '../plan/documentSchema.ts';

/**
 * What a param of a step is, as JSON Schema says it (the part that `Shape` has). `reference`: a function, or a loader (which
 * may be a function too), by its name; with a `type` beside it there may be none.
 */
export interface ParamShape extends Shape {
  readonly reference?: 'function' | 'loader';
  readonly optional?: boolean;
}

/** All params of a step, by name. Its class says so as `static paramShapes`, and plans with others are refused. */
export type ParamShapes = Readonly<Record<string, ParamShape>>;

export const anything: ParamShape = {};
export const text: ParamShape = { type: 'string' };
export const textOrNull: ParamShape = { type: ['string', 'null'] };
export const texts: ParamShape = { type: 'array', items: text };
export const flag: ParamShape = { type: 'boolean' };
export const integer: ParamShape = { type: 'integer' };
export const namedFunction: ParamShape = { reference: 'function' };
export const functionOrNull: ParamShape = { type: 'null', reference: 'function' };
export const namedLoader: ParamShape = { reference: 'loader' };

export function object(properties: Readonly<Record<string, Shape>>): ParamShape {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** What a param refers to by number: a place of the plan, a field of its document. */
export const place: ParamShape = { $ref: '#/$defs/place' };
export const fieldNode: ParamShape = { $ref: '#/$defs/fieldNode' };
export const guard: ParamShape = { $ref: '#/$defs/guard' };
