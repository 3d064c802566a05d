import type { Shape } from '../plan/documentSchema.ts';

/**
 * The shape of a step's param in JSON Schema (the part of it that `Shape` has). `reference`: the name of a function or of a
 * loader (which may be a function too); with a `type` beside it there may be none.
 */
export interface ParamShape extends Shape {
  readonly reference?: 'function' | 'loader';
  readonly optional?: boolean;
}

/** All params of a step, by name. A class has them as `static paramShapes`; plans with other params are refused. */
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

/** Params that refer by number: to a place of the plan, to a field of its document. */
export const place: ParamShape = { $ref: '#/$defs/place' };
export const fieldNode: ParamShape = { $ref: '#/$defs/fieldNode' };
export const guard: ParamShape = { $ref: '#/$defs/guard' };
