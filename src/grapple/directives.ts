/** Where a directive of Grapple stands. */
type DirectivePlace = 'SCHEMA' | 'OBJECT' | 'INPUT_OBJECT' | 'FIELD_DEFINITION' | 'ARGUMENT_DEFINITION';

interface DirectiveArgument {
  readonly type: 'Int' | 'String' | 'Boolean';
  readonly required: boolean;
}

export interface DirectiveDefinition {
  readonly places: readonly DirectivePlace[];
  readonly args: Readonly<Record<string, DirectiveArgument>>;
}

const int: DirectiveArgument = { type: 'Int', required: true };
const text: DirectiveArgument = { type: 'String', required: true };
const textIfAny: DirectiveArgument = { type: 'String', required: false };
const flag: DirectiveArgument = { type: 'Boolean', required: false };

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
  | 'versioned';

/** The directives of Grapple: the original's first. The guide explains each. */
export const directives: Readonly<Record<DirectiveName, DirectiveDefinition>> = {
  pent: { places: ['OBJECT'], args: { typeId: int } },
  pentMutationData: { places: ['INPUT_OBJECT'], args: {} },
  pentMutationPayload: { places: ['OBJECT'], args: {} },
  readPent: onField(),
  browsePents: onField(),
  createPent: onField(),
  updatePent: onField(),
  deletePent: onField({ type: text }),
  genFromStoredId: onField({ field: textIfAny }),
  edgeToStoredId: onField({ edgeName: text, edgeId: int, field: text, colocate: flag }),
  custom: onField(),
  customGen: onField(),
  customMutation: onField(),
  index: onField({ name: textIfAny }),
  unique: onField({ name: textIfAny }),
  pentFromIndex: onField({ index: text }),
  edge: onField({ name: text, id: int, inverse: textIfAny }),
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
};

export function isGrappleDirective(name: string): name is DirectiveName {
  return Object.hasOwn(directives, name);
}

/** The definitions of the directives as SDL, for validation and editors. */
export const directiveSdl: string = Object.entries(directives)
  .map(([name, { places, args }]) => {
    const list = Object.entries(args).map(([arg, { type, required }]) => `${arg}: ${type}${required ? '!' : ''}`);
    return `directive @${name}${list.length === 0 ? '' : `(${list.join(', ')})`} on ${places.join(' | ')}`;
  })
  .join('\n');
