import type { ArgumentModel, Attribute, CustomField, GrappleModel, PentField, PentModel } from '../model/Model.ts';
import { isSimple } from './printListPlans.ts';
import { comment, imported, importLine, indent, key, literal, namesIn, object, quote, WIDTH } from './source.ts';
import { typeImports } from './typeImports.ts';

/** Prints `generated/pents.ts`: a base class for each type, with its attributes and its ways to other objects. */
export function printPents(model: GrappleModel): string {
  const { pents } = model;
  if (pents.length === 0) return 'export {};\n';
  const names = new Set(pents.map(({ name }) => name));
  const body = pents.map((pent) => printClass(pent, names)).join('\n');
  const types = namesIn(body, imported.pentTypes).map((name) => `type ${name}`);
  return [
    importLine([...namesIn(body, imported.pents), ...types], 'planql/pent'),
    typeImports(pents.flatMap(tsTypesOf), model, { types: './types.ts', pents: '../pents' }),
    '\n',
    body,
  ].join('');
}

/** The types that the members of a class name. */
function tsTypesOf({ attributes, fields }: PentModel): readonly string[] {
  return [
    ...attributes.map(({ tsType }) => tsType),
    ...fields.flatMap((field) => {
      if (field.kind === 'edge') return [field.target];
      if (field.kind === 'custom') return signatureTypes(field);
      return field.kind === 'storedId' ? [field.tsType] : [];
    }),
  ];
}

function printClass(
  { name, typeId, description, attributes, fields, privacy }: PentModel,
  pents: ReadonlySet<string>,
): string {
  const storedIds = Object.fromEntries(
    attributes.flatMap((attribute) => (attribute.targets === null ? [] : [[attribute.name, attribute.targets]])),
  );
  const definition = {
    name,
    typeId,
    ...(Object.keys(storedIds).length > 0 && { storedIds }),
    ...privacy,
    ...printVisible(attributes),
  };
  const start = 'static override readonly definition: PentDefinition =';
  const members = [
    `${start} ${object(definition)};`,
    ...attributes.flatMap((attribute) => printAttribute(attribute, fields)),
    ...fields.map((field) => printField(field, pents)),
  ];
  return `${comment(description)}export abstract class ${name}Base extends Pent {
${indent(members.join('\n\n'))}
}
`;
}

/** The attributes that not all readers see, and the names under which older objects have them. */
function printVisible(attributes: readonly Attribute[]): object {
  const hidden = attributes.filter(({ visible }) => visible !== null);
  const renamed = hidden.filter(({ renamedFrom }) => renamedFrom.length > 0);
  return {
    ...(hidden.length > 0 && { visible: Object.fromEntries(hidden.map(({ name, visible }) => [name, `${visible}`])) }),
    ...(renamed.length > 0 && {
      formerNames: Object.fromEntries(renamed.map(({ name, renamedFrom }) => [name, renamedFrom])),
    }),
  };
}

/** The getter of an attribute; for a stored id without a field of its own that of the id. */
function printAttribute(attribute: Attribute, fields: readonly PentField[]): readonly string[] {
  const { name, required, tsType, description, renamedFrom } = attribute;
  const isMethod = fields.some((field) => field.name === name);
  const getter = isMethod ? `${name}Id` : name;
  const sources = [name, ...renamedFrom].map((from) => `this.$record${member(from)}`);
  const alternatives = required ? sources : [...sources, 'null'];
  const chain = alternatives.join(' ?? ');
  const text = isMethod && description === null ? `The id of \`${name}\`.` : description;
  const value = alternatives.length === 1 || tsType === 'unknown' ? chain : `(${chain})`;
  const typed = tsType === 'unknown' ? value : `${value} as ${tsType}`;
  const given = /\bDate\b/.test(tsType) ? `copyDates(${typed})` : typed;
  return [`${comment(text)}get ${getter}(): ${tsType} {\n  return ${given};\n}`];
}

function member(name: string): string {
  return key(name) === name ? `.${name}` : `[${quote(name)}]`;
}

function printField(field: PentField, pents: ReadonlySet<string>): string {
  const { name } = field;
  const doc = comment(field.description);
  switch (field.kind) {
    case 'storedId':
      return `${doc}${name}(): Promise<${field.tsType} | null> {
  return readStoredId(this, ${quote(field.attribute)}, ${literal(field.targets)});
}`;
    case 'edge':
      return `${doc}${name}(page: ${isSimple(field.reading) ? 'PageArgs' : 'ListArgs'} = {}): Promise<readonly ${field.target}[]> {
  return readEdgeList(this, ${quote(field.edge)}, ${field.reading.isReversed ? '{ reverse: true, ...page }' : 'page'});
}`;
    case 'hasEdge': {
      const { end, argument } = field;
      const signature = argument === null ? '' : `${argument}: string`;
      const given = argument === null ? 'null' : argument;
      return `${doc}${name}(${signature}): Promise<boolean> {
  return readHasEdge(this, ${quote(field.edge)}, ${quote(end)}, ${given});
}`;
    }
    case 'sum':
    case 'average':
      return `${doc}${name}(): Promise<number | null> {
  return readEdgeList.${field.kind}(this, ${quote(field.edge)}, ${quote(field.attribute)});
}`;
    case 'custom':
      return `${doc}${printSignature(`abstract ${name}`, 'args', field.args, `: MaybePromise<${orRefs(field, pents)}>;`)}`;
    case 'customGen':
      return `// ${name} is the static plan resolver of this name in pents/.`;
  }
}

/** The type of a method's result, which may have references in the place of objects. */
function orRefs({ tsType, nodes }: CustomField, pents: ReadonlySet<string>): string {
  if (nodes !== null) return tsType;
  const inList = tsType.replace(/^readonly (\w+)\[\]/, 'readonly ($1)[]');
  const named = inList.match(/^(?:readonly \()?(\w+)/)?.[1] ?? '';
  return pents.has(named) ? inList.replace(named, `${named} | Ref<${named}>`) : tsType;
}

/** The types of a method's arguments and of its result. */
export function signatureTypes({ args, tsType }: Pick<CustomField, 'args' | 'tsType'>): readonly string[] {
  return [tsType, ...args.map((argument) => argument.tsType)];
}

/** A method of a class with its arguments as one object, if it has any. */
export function printSignature(before: string, name: string, args: readonly ArgumentModel[], after: string): string {
  const line = `${before}(${args.length === 0 ? '' : `${name}: ${printArguments(args)}`})${after}`;
  if (2 + line.length <= WIDTH || args.length === 0) return line;
  return `${before}(${name}: {\n${indent(args.map((arg) => `${printArgument(arg)};`).join('\n'))}\n})${after}`;
}

function printArgument({ name, tsType, optional }: ArgumentModel): string {
  return `readonly ${name}${optional ? '?' : ''}: ${tsType}`;
}

export function printArguments(args: readonly ArgumentModel[]): string {
  const entries = args.map(printArgument);
  return entries.length === 0 ? 'Record<string, never>' : `{ ${entries.join('; ')} }`;
}
