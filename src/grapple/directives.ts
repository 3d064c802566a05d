/** Where a directive of Grapple stands. */
type DirectivePlace = 'SCHEMA' | 'OBJECT' | 'INPUT_OBJECT' | 'FIELD_DEFINITION' | 'ARGUMENT_DEFINITION' | 'ENUM_VALUE';

/** The types of arguments. `JSON` is an object of attributes with the values that are wanted. */
export type ArgumentType = 'Int' | 'String' | 'Boolean' | '[String!]' | 'JSON';

interface DirectiveArgument {
  readonly type: ArgumentType;
  readonly required: boolean;
}

export interface DirectiveDefinition {
  readonly places: readonly DirectivePlace[];
  readonly args: Readonly<Record<string, DirectiveArgument>>;
  /** Whether it may stand on one place more than once. */
  readonly isRepeatable?: boolean;
}

const int: DirectiveArgument = { type: 'Int', required: true };
const text: DirectiveArgument = { type: 'String', required: true };
const textIfAny: DirectiveArgument = { type: 'String', required: false };
const flag: DirectiveArgument = { type: 'Boolean', required: false };
const intIfAny: DirectiveArgument = { type: 'Int', required: false };
const texts: DirectiveArgument = { type: '[String!]', required: false };
const values: DirectiveArgument = { type: 'JSON', required: false };

function onField(args: DirectiveDefinition['args'] = {}): DirectiveDefinition {
  return { places: ['FIELD_DEFINITION'], args };
}

export type DirectiveName =
  | 'pent'
  | 'pentMutationData'
  | 'pentMutationPayload'
  | 'readPent'
  | 'browsePents'
  | 'createPent'
  | 'updatePent'
  | 'deletePent'
  | 'genFromStoredId'
  | 'edgeToStoredId'
  | 'custom'
  | 'customGen'
  | 'customMutation'
  | 'index'
  | 'unique'
  | 'pentFromIndex'
  | 'list'
  | 'bounds'
  | 'hasEdge'
  | 'sum'
  | 'average'
  | 'edge'
  | 'connection'
  | 'addEdge'
  | 'removeEdge'
  | 'byDefault'
  | 'public'
  | 'sameAs'
  | 'privacy'
  | 'visible'
  | 'renamed'
  | 'setByServer'
  | 'idempotent'
  | 'versioned'
  | 'conditional';

/** The directives of Grapple: the original's first. The guide explains each. */
export const directives: Readonly<Record<DirectiveName, DirectiveDefinition>> = {
  pent: { places: ['OBJECT'], args: { typeId: int, expiresAt: textIfAny } },
  pentMutationData: { places: ['INPUT_OBJECT'], args: {} },
  pentMutationPayload: { places: ['OBJECT'], args: {} },
  readPent: onField(),
  browsePents: onField(),
  createPent: onField(),
  updatePent: onField(),
  deletePent: onField({ type: text }),
  genFromStoredId: onField({ field: textIfAny }),
  edgeToStoredId: {
    ...onField({
      edgeName: text,
      edgeId: int,
      field: text,
      colocate: flag,
      mustExist: flag,
      onDelete: textIfAny,
      where: values,
      orderBy: texts,
      reverse: flag,
    }),
    isRepeatable: true,
  },
  custom: onField(),
  customGen: onField(),
  customMutation: onField(),
  index: {
    places: ['FIELD_DEFINITION', 'OBJECT'],
    args: { name: textIfAny, with: texts, where: values, orderBy: texts, parts: intIfAny },
    isRepeatable: true,
  },
  unique: { ...onField({ name: textIfAny, with: texts, where: values }), isRepeatable: true },
  pentFromIndex: onField({ index: textIfAny, reverse: flag }),
  list: { places: ['ENUM_VALUE'], args: { of: text, reverse: flag } },
  bounds: { places: ['ARGUMENT_DEFINITION'], args: { of: text } },
  hasEdge: onField({ edge: text }),
  sum: onField({ edge: text }),
  average: onField({ edge: text }),
  edge: onField({ name: text, id: int, inverse: textIfAny, data: textIfAny, orderBy: texts, reverse: flag }),
  connection: onField({ of: textIfAny }),
  addEdge: onField({ edge: text }),
  removeEdge: onField({ edge: text }),
  byDefault: { places: ['SCHEMA'], args: { access: text } },
  public: { places: ['OBJECT'], args: {} },
  sameAs: { places: ['OBJECT'], args: { field: text } },
  privacy: { places: ['OBJECT'], args: { rule: text } },
  visible: onField({ rule: text }),
  renamed: { places: ['OBJECT', 'FIELD_DEFINITION'], args: { from: text } },
  setByServer: onField(),
  idempotent: { places: ['ARGUMENT_DEFINITION'], args: {} },
  versioned: { places: ['ARGUMENT_DEFINITION'], args: {} },
  conditional: { places: ['ARGUMENT_DEFINITION'], args: {} },
};

export function isGrappleDirective(name: string): name is DirectiveName {
  return Object.hasOwn(directives, name);
}

/** The definitions of the directives as SDL, for validation and editors. */
export const directiveSdl: string = Object.entries(directives)
  .map(([name, { places, args, isRepeatable }]) => {
    const list = Object.entries(args).map(([arg, { type, required }]) => `${arg}: ${type}${required ? '!' : ''}`);
    return `directive @${name}${list.length === 0 ? '' : `(${list.join(', ')})`}${isRepeatable ? ' repeatable' : ''} on ${places.join(' | ')}`;
  })
  .join('\n');
