import { type Application, type Attr, type Kind, type List, type ListField, ranges, type Type } from './application.ts';

/** The schema of an application, with its annotations. */
export function sdlOf(application: Omit<Application, 'sdl' | 'stubs'>): string {
  return new Sdl(application).text();
}

class Sdl {
  readonly #types: readonly Type[];
  readonly #lists: readonly List[];
  readonly #queries: readonly ListField[];
  /** Of the arguments that choose a list. */
  readonly #enums: string[] = [];

  constructor({ types, lists, queries }: Omit<Application, 'sdl' | 'stubs'>) {
    this.#types = types;
    this.#lists = lists;
    this.#queries = queries;
  }

  text(): string {
    const names = this.#types.map(({ name }) => name);
    const types = this.#types.map((type) => `${this.#objectType(type)}\n${inputsOf(type)}`);
    return `extend schema @byDefault(access: "deny")
interface Node { id: UUID! }
union Any = ${names.join(' | ')}
enum Status { A B C }
input EntryData { rank: Int! price: Float text: String at: DateTime }
input IntRange { from: Int to: Int }
input FloatRange { from: Float to: Float }
input TextRange { from: String to: String startsWith: String }
input DateRange { from: DateTime to: DateTime }
input IdRange { from: UUID to: UUID }
input FlagRange { from: Boolean to: Boolean }
type DeletePayload @pentMutationPayload { deletedId: UUID }
${types.join('\n')}
type Query {
  node(id: UUID!): Node @readPent
${names.map(readsOf).join('\n')}
${this.#queries.map((field) => this.#queryField(field)).join('\n')}
}
type Mutation {
${names.map(objectMutationsOf).join('\n')}
${this.#lists
  .filter(({ kind }) => kind === 'plain')
  .map(edgeMutationsOf)
  .join('\n')}
}
${this.#enums.join('\n')}
`;
  }

  #attrsOf(name: string): readonly Attr[] {
    return this.#types.find((one) => one.name === name)?.attrs ?? [];
  }

  #objectType(type: Type): string {
    const { name, typeId, attrs, fields, hasEdges, sums } = type;
    return `type ${name} implements Node @pent(typeId: ${typeId}${type.expires ? ', expiresAt: "ends"' : ''}) ${accessTo(type)}${indexesOn(type, null)} {
  id: UUID!
${attrs.map((one) => this.#attribute(type, one)).join('\n')}
${fields.map((field) => this.#edgeField(field)).join('\n')}
${hasEdges.map((one) => `  ${one.name}${one.argument === null ? '' : '(from: UUID!)'}: Boolean! @hasEdge(edge: "${one.list.name}")`).join('\n')}
${sums.map((one) => `  ${one.name}: Float${one.isAverage ? '' : '!'} @${one.isAverage ? 'average' : 'sum'}(edge: "${one.list.name}")`).join('\n')}
}
type ${name}Payload @pentMutationPayload { object: ${name} }`;
  }

  #attribute(type: Type, one: Attr): string {
    const indexes = indexesOn(type, one.name);
    if (!one.isLink) return `  ${one.name}: ${typeOf(one)}${one.isHidden ? ' @visible(rule: "own")' : ''}${indexes}`;
    const target = one.targets.length > 1 || this.#types.length === 1 ? 'Any' : one.targets[0];
    return `  ${one.name}: ${target}${one.nonNull ? '!' : ''} @genFromStoredId${indexes}`;
  }

  #edgeField(field: ListField): string {
    const own = [...new Set(field.lists.map(({ list }) => list))];
    const directives = own.map((list, at) => {
      const reverse = at === 0 ? reverseOf(field) : '';
      return list.kind === 'plain' ? plainEdge(list, reverse) : storedEdge(list, this.#attrsOf(list.type), reverse);
    });
    return `  ${field.name}${this.#argsOf(field)}: ${resultOf(field)} ${directives.join(' ')}${connectionOf(field)}`;
  }

  #queryField(field: ListField): string {
    const name = firstOf(field).name;
    const index = field.isChoice ? '@pentFromIndex' : `@pentFromIndex(index: "${name}"${reverseOf(field)})`;
    return `  ${field.name}${this.#argsOf(field)}: ${resultOf(field)} ${index}${connectionOf(field)}`;
  }

  #argsOf(field: ListField): string {
    const args = field.values.map((one) => `${one.name}: ${one.kind}!`);
    if (field.isChoice) args.push(`order: ${this.#enumOf(field)}! = ${field.lists[0]?.value}`);
    for (const { arg, attr, isRange } of field.bounds)
      args.push(`${arg}: ${isRange ? ranges[attr.kind] : attr.kind} @bounds(of: "${attr.name}")`);
    const place = field.shape === 'connection' ? 'String' : 'UUID';
    const [after, before] = field.takesPlaces ? [[`after: ${place}`], [`before: ${place}`]] : [[], []];
    if (field.paging === 'forward') args.push(`first: Int! = ${field.size}`, ...after);
    if (field.paging === 'backward') args.push(`last: Int! = ${field.size}`, ...before);
    if (field.paging === 'both') args.push('first: Int', 'last: Int', ...after, ...before);
    return args.length === 0 ? '' : `(${args.join(', ')})`;
  }

  #enumOf({ owner, name, lists }: ListField): string {
    const values = lists.map(
      ({ value, list, reverse }) => `${value} @list(of: "${list.name}"${reverse ? ', reverse: true' : ''})`,
    );
    this.#enums.push(`enum ${owner}${name}Order { ${values.join(' ')} }`);
    return `${owner}${name}Order`;
  }
}

function typeOf(one: Attr): string {
  return `${one.kind}${one.nonNull ? '!' : ''}`;
}

function accessTo({ policy, policyAttr }: Type): string {
  if (policy === 'public') return '@public';
  return policy === 'sameAs' ? `@sameAs(field: "${policyAttr}")` : `@privacy(rule: "${policy}")`;
}

function firstOf(field: ListField): List {
  return (field.lists[0] as ListField['lists'][number]).list;
}

function resultOf(field: ListField): string {
  const { type, kind, name } = firstOf(field);
  if (field.shape === 'one') return type;
  if (field.shape === 'list') return `[${type}!]!`;
  return `${kind === 'plain' ? name.toUpperCase() : type}Connection!`;
}

function connectionOf(field: ListField): string {
  if (field.shape !== 'connection') return '';
  const { kind, type } = firstOf(field);
  return kind === 'plain' ? ` @connection(of: "${type}")` : ' @connection';
}

function reverseOf(field: ListField): string {
  return !field.isChoice && field.lists[0]?.reverse ? ', reverse: true' : '';
}

function plainEdge(list: List, reverse: string): string {
  const data = list.data.length > 0 ? ', data: "EntryData"' : '';
  const inverse = list.inverse === null ? '' : `, inverse: "${list.inverse}"`;
  return `@edge(name: "${list.name}", id: ${list.edgeId}${data}${inverse}${listArgs(list, list.data)}${reverse})`;
}

function storedEdge(list: List, attrs: readonly Attr[], reverse: string): string {
  const onDelete = list.onDelete === 'keep' ? '' : `, onDelete: "${list.onDelete}"`;
  const more = `${onDelete}${list.mustExist ? ', mustExist: true' : ''}${list.colocate ? ', colocate: true' : ''}`;
  return `@edgeToStoredId(edgeName: "${list.name}", edgeId: ${list.edgeId}, field: "${list.attrs[0]}"${listArgs(list, attrs)}${more}${reverse})`;
}

function indexesOn(type: Type, name: string | null): string {
  return type.lists
    .filter(({ attrs }) => (attrs[0] ?? null) === name)
    .map((list) => {
      const others = list.attrs.slice(1);
      const also = others.length > 0 ? `, with: ${JSON.stringify(others)}` : '';
      const parts = list.parts === null ? '' : `, parts: ${list.parts}`;
      const directive = list.kind === 'unique' ? 'unique' : 'index';
      return ` @${directive}(name: "${list.name}"${also}${listArgs(list, type.attrs)}${parts})`;
    })
    .join('');
}

function listArgs({ where, orderBy }: List, attrs: readonly Attr[]): string {
  const wanted = Object.entries(where ?? {}).map(([name, values]) => {
    const { kind } = attrs.find((one) => one.name === name) as Attr;
    return `${name}: [${values.map((one) => literal(one, kind)).join(', ')}]`;
  });
  return [
    wanted.length > 0 ? `, where: { ${wanted.join(', ')} }` : '',
    orderBy.length > 0 ? `, orderBy: ${JSON.stringify(orderBy)}` : '',
  ].join('');
}

function literal(value: unknown, kind: Kind): string {
  return value !== null && kind === 'Status' ? String(value) : JSON.stringify(value);
}

function inputsOf({ name, attrs }: Type): string {
  const isList = ({ kind }: Attr): boolean => kind === 'Status' || kind === 'Int';
  const conditions = attrs.map((one) => `${one.name}: ${isList(one) ? `[${one.kind}]` : one.kind}`);
  return `input Create${name}Data @pentMutationData { ${attrs.map((one) => `${one.name}: ${typeOf(one)}`).join(' ')} }
input Update${name}Data @pentMutationData { ${attrs.map((one) => `${one.name}: ${one.kind}`).join(' ')} }
input ${name}Is { ${conditions.join(' ')} }`;
}

function readsOf(name: string): string {
  return `  ${name.toLowerCase()}(id: UUID!): ${name} @readPent
  all_${name}(first: Int! = 3, after: UUID): [${name}!]! @browsePents`;
}

function objectMutationsOf(name: string): string {
  return `  create${name}(data: Create${name}Data!, key: String @idempotent): ${name}Payload! @createPent
  update${name}(id: UUID!, data: Update${name}Data!, version: Int @versioned, if: ${name}Is @conditional): ${name}Payload! @updatePent
  delete${name}(id: UUID!, version: Int @versioned, if: ${name}Is @conditional): DeletePayload! @deletePent(type: "${name}")`;
}

function edgeMutationsOf({ name, from, data }: List): string {
  return `  add_${name}(from: UUID!, to: UUID!${data.length > 0 ? ', data: EntryData!' : ''}): ${from}Payload! @addEdge(edge: "${name}")
  remove_${name}(from: UUID!, to: UUID!): ${from}Payload! @removeEdge(edge: "${name}")`;
}
