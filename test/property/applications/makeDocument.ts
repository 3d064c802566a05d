import { type GraphQLSchema, isObjectType, isRequiredArgument } from 'graphql';
import type { Random } from '../../fuzz/Random.ts';
import type { Application, Attr, ListField, Type } from './application.ts';

/** A place of a document that takes arguments: each run gives it others. */
export interface Slot {
  readonly field: ListField | null;
  /** Of fields without a list: the type of the object whose id they take. */
  readonly idOf: string | null;
  /** By the names of the arguments. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface Doc {
  readonly text: string;
  readonly slots: readonly Slot[];
}

/** The selection of an object in a document, with what the document must declare for it. */
export interface Part {
  readonly selection: string;
  readonly slots: readonly Slot[];
  readonly declared: readonly string[];
  readonly fragments: readonly string[];
}

export function makeDocument(random: Random, application: Application, schema: GraphQLSchema): Doc {
  return new Maker({ random, application, schema, budget: 40, mark: '' }).document();
}

/** A selection of a type; `mark` tells its variables and fragments from those of others. */
export function makePart(
  random: Random,
  application: Application,
  schema: GraphQLSchema,
  { type, mark }: { readonly type: string; readonly mark: string },
): Part {
  return new Maker({ random, application, schema, budget: 12, mark }).part(type);
}

interface MakerOptions {
  readonly random: Random;
  readonly application: Application;
  readonly schema: GraphQLSchema;
  /** How many lists and links are followed. */
  readonly budget: number;
  readonly mark: string;
}

class Maker {
  readonly #random: Random;
  readonly #application: Application;
  readonly #schema: GraphQLSchema;
  readonly #mark: string;
  readonly #slots: Slot[] = [];
  readonly #declared: string[] = [];
  readonly #fragments: string[] = [];
  #budget: number;
  #aliases = 0;

  constructor({ random, application, schema, budget, mark }: MakerOptions) {
    this.#random = random;
    this.#application = application;
    this.#schema = schema;
    this.#budget = budget;
    this.#mark = mark;
  }

  part(type: string): Part {
    const selection = this.#object(type, 2);
    return { selection, slots: this.#slots, declared: this.#declared, fragments: this.#fragments };
  }

  document(): Doc {
    const roots: string[] = [];
    for (let n = 1 + this.#random.below(3); n > 0; n--) roots.push(this.#root());
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : '';
    return { text: `query Q${declared} { ${roots.join(' ')} } ${this.#fragments.join(' ')}`, slots: this.#slots };
  }

  #root(): string {
    const { queries, types } = this.#application;
    const kind = this.#random.below(10);
    const { name } = this.#random.pick(types);
    if (kind < 5 && queries.length > 0) return this.#list(this.#random.pick(queries), 2);
    const field = kind < 8 ? name.toLowerCase() : kind < 9 ? `all_${name}` : 'node';
    const head = `${this.#alias()}: ${field}${this.#slot('Query', field, null, name)}`;
    const object = (depth: number): string => this.#object(name, depth);
    if (kind < 9) return `${head} { ${object(kind < 8 ? 2 : 1)} }`;
    return `${head} { __typename id ... on ${name} { ${object(1)} } }`;
  }

  #alias(): string {
    return `x${this.#aliases++}`;
  }

  /** Arguments of a field, each a variable. */
  #slot(owner: string, name: string, field: ListField | null, idOf: string | null): string {
    const type = this.#schema.getType(owner);
    if (!isObjectType(type)) throw new Error(owner);
    const args = type.getFields()[name]?.args ?? [];
    if (args.length === 0) return '';
    const prefix = `${this.#mark}v${this.#slots.length}_`;
    const variables = new Map(args.map((arg) => [arg.name, `${prefix}${arg.name}`]));
    for (const arg of args) {
      // a variable for an argument with a default may be left out
      const kind = isRequiredArgument(arg) ? String(arg.type) : String(arg.type).replace(/!$/, '');
      this.#declared.push(`$${prefix}${arg.name}: ${kind}`);
    }
    this.#slots.push({ field, idOf, variables });
    return `(${[...variables].map(([arg, variable]) => `${arg}: $${variable}`).join(', ')})`;
  }

  #object(name: string, depth: number): string {
    const random = this.#random;
    const text = this.#fieldsOf(name, depth).join(' ');
    if (!random.chance(0.12)) return text;
    const fragment = `${this.#mark}F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${fragment} on ${name} { ${text} }`);
    return `...${fragment}`;
  }

  #fieldsOf(name: string, depth: number): readonly string[] {
    const random = this.#random;
    const type = this.#application.types.find((one) => one.name === name) as Type;
    const parts = ['id'];
    for (const one of type.attrs) {
      if (!random.chance(depth === 0 ? 0.5 : 0.4)) continue;
      if (!one.isLink) parts.push(`${name}${one.name}: ${one.name}`);
      else if (depth > 0 && this.#budget-- > 0)
        parts.push(`${this.#alias()}: ${one.name} { ${this.#target(one, depth - 1)} }`);
    }
    for (const field of type.fields)
      if (depth > 0 && random.chance(0.45) && this.#budget-- > 0) parts.push(this.#list(field, depth - 1));
    for (const { name: has, argument, list } of type.hasEdges) {
      if (!random.chance(0.3)) continue;
      parts.push(`${this.#alias()}: ${has}${argument === null ? '' : this.#slot(name, has, null, list.from)}`);
    }
    for (const { name: sum } of type.sums) if (random.chance(0.35)) parts.push(`${this.#alias()}: ${sum}`);
    return parts;
  }

  #target(attr: Attr, depth: number): string {
    const { targets } = attr;
    if (targets.length === 1 && this.#application.types.length > 1) return this.#object(targets[0] as string, depth);
    const chosen = this.#random.some(targets, 0.7);
    return `__typename ${chosen.map((one) => `... on ${one} { ${this.#object(one, depth)} }`).join(' ')}`;
  }

  #list(field: ListField, depth: number): string {
    const { list } = field.lists[0] as ListField['lists'][number];
    const head = `${this.#alias()}: ${field.name}${this.#slot(field.owner, field.name, field, null)}`;
    const object = (): string => this.#object(list.type, depth);
    return `${head} { ${field.shape === 'connection' ? this.#connection(list.kind === 'plain', object) : object()} }`;
  }

  #connection(hasData: boolean, object: () => string): string {
    const random = this.#random;
    const parts: string[] = [];
    if (random.chance(0.4)) parts.push('totalCount');
    if (random.chance(0.5)) parts.push(`nodes { ${object()} }`);
    if (random.chance(0.5)) {
      const node = random.chance(0.8) ? `node { ${object()} }` : '';
      parts.push(`edges { cursor ${node} ${hasData && random.chance(0.7) ? 'data' : ''} }`);
    }
    if (random.chance(0.4)) parts.push(`pageInfo { ${random.pick(pageInfos)} }`);
    if (parts.length === 0 || parts.join() === 'totalCount') parts.push('nodes { id }');
    return parts.join(' ');
  }
}

const pageInfos = [
  'hasNextPage',
  'hasPreviousPage hasNextPage',
  'startCursor endCursor hasNextPage hasPreviousPage',
  'endCursor',
];
