import { PLAN_VERSION } from './Plan.ts';

/** The part of JSON Schema that describes plan documents. `checkShape` reads it; so does any validator. */
export interface Shape {
  readonly type?: 'object' | 'array' | 'string' | 'boolean' | 'integer' | 'null' | readonly string[];
  readonly const?: string | number | boolean | null;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | false;
  readonly items?: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  /** One of these holds: told apart by the constant of their property `kind`. */
  readonly oneOf?: readonly Shape[];
  readonly $ref?: string;
}

const text: Shape = { type: 'string' };
const textOrNull: Shape = { type: ['string', 'null'] };
const flag: Shape = { type: 'boolean' };
const id: Shape = { type: 'integer', minimum: 0 };
const idOrNone: Shape = { type: 'integer', minimum: -1 };
const position: Shape = { $ref: '#/$defs/position' };

/** An object with just these properties, all of them. */
function object(properties: Readonly<Record<string, Shape>>): Shape {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function list(items: Shape): Shape {
  return { type: 'array', items };
}

function kind(name: string, properties: Readonly<Record<string, Shape>>): Shape {
  return object({ kind: { const: name }, ...properties });
}

const keys: Shape = list({ type: ['string', 'integer'] });
const coordinate: Shape = { type: 'string', pattern: '^[_A-Za-z][_0-9A-Za-z]*\\.[_A-Za-z][_0-9A-Za-z]*$' };
const guardPair: Shape = { type: 'array', items: id, minItems: 2, maxItems: 2 };

const definitions: Readonly<Record<string, Shape>> = {
  guard: {
    oneOf: [
      kind('always', {}),
      kind('never', {}),
      kind('variable', { name: text, absent: flag }),
      kind('not', { of: id }),
      kind('and', { of: guardPair }),
      kind('or', { of: guardPair }),
    ],
  },
  layer: object({
    kind: { enum: ['root', 'mutation', 'event', 'list', 'present', 'type', 'combine'] },
    parent: idOrNone,
    singular: flag,
    source: idOrNone,
    entry: idOrNone,
    type: textOrNull,
    contributions: { type: ['array', 'null'], items: object({ layer: id, step: id, rows: { $ref: '#/$defs/rows' } }) },
    stream: {
      ...object({ label: textOrNull, guard: id, initialCount: { type: 'integer' }, variable: textOrNull }),
      type: ['object', 'null'],
    },
    rows: { $ref: '#/$defs/rows' },
  }),
  rows: {
    oneOf: [
      kind('one', {}),
      kind('unbounded', {}),
      kind('most', { count: id }),
      kind('value', { step: id, path: keys }),
      kind('length', { step: id, path: keys }),
      kind('argument', { coordinate, node: id, argument: text }),
      kind('combined', { layer: id }),
      kind('smallest', { of: list({ $ref: '#/$defs/rows' }) }),
      kind('largest', { of: list({ $ref: '#/$defs/rows' }) }),
    ],
  },
  step: object({
    op: text,
    params: { type: 'object' },
    layer: id,
    guard: id,
    dependencies: list(
      object({ kind: { enum: ['list', 'global', 'collect', 'order'] }, step: id, accepts: flag, layer: idOrNone }),
    ),
    isSync: flag,
    hasSideEffects: flag,
    coordinate: textOrNull,
    load: { ...object({ keys: id, maxKeys: idOrNone }), type: ['object', 'null'] },
  }),
  read: object({ step: idOrNone, path: keys, field: flag }),
  position: object({ read: { $ref: '#/$defs/read' }, output: id, nonNull: flag }),
  output: {
    oneOf: [
      kind('leaf', { type: text }),
      kind('list', { item: position, layer: idOrNone, rows: { $ref: '#/$defs/rows' } }),
      kind('object', { type: text, layer: idOrNone, fields: list({ $ref: '#/$defs/field' }), defers: list(id) }),
      kind('abstract', {
        type: text,
        layer: idOrNone,
        typename: id,
        branches: list(object({ type: text, layer: idOrNone, position })),
      }),
      kind('typename', { type: text }),
      kind('error', { message: text, extensions: { type: ['object', 'null'] }, isForClients: flag }),
    ],
  },
  field: object({
    key: text,
    coordinate,
    guard: id,
    position,
    requires: idOrNone,
    phase: idOrNone,
    effects: list(id),
    deliveries: list(object({ defer: idOrNone, guard: id })),
    nodes: { type: 'array', items: object({ node: id, guard: id }), minItems: 1 },
  }),
  defer: object({ label: textOrNull, guard: id, parent: idOrNone }),
  ahead: object({ step: id, source: idOrNone, early: flag }),
  place: object({ parent: idOrNone, key: textOrNull, typename: textOrNull, typenames: idOrNone, layer: idOrNone }),
};

/** The JSON Schema of a plan document: normative, and equal to `spec/plan-document.schema.json`. */
export const documentSchema: Shape & { readonly $defs: Readonly<Record<string, Shape>> } = {
  ...object({
    version: { const: PLAN_VERSION },
    operation: { enum: ['query', 'mutation', 'subscription'] },
    operationName: textOrNull,
    document: text,
    resolvers: object({ field: flag, type: flag }),
    guards: list({ $ref: '#/$defs/guard' }),
    layers: list({ $ref: '#/$defs/layer' }),
    steps: list({ $ref: '#/$defs/step' }),
    outputs: list({ $ref: '#/$defs/output' }),
    places: list({ $ref: '#/$defs/place' }),
    defers: list({ $ref: '#/$defs/defer' }),
    ahead: list({ $ref: '#/$defs/ahead' }),
    root: id,
    stream: idOrNone,
    ops: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
    definitions: { type: 'object', additionalProperties: text },
    hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  }),
  $defs: definitions,
};
