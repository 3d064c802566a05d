import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  printSchema,
  specifiedRules,
  validate,
} from 'graphql';
import * as graphql17 from 'graphql-17';
import type { Random } from './Random.ts';
import type { Knobs } from './randomSchema.ts';

export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const definitions: Readonly<Record<string, string>> = {
  v0: '$v0: Boolean!',
  v1: '$v1: Boolean! = true',
  v2: '$v2: Boolean!',
  n: '$n: Int',
  n3: '$n3: Int = 3',
  in: '$in: In',
  x: '$x: Int!',
  es: '$es: [E!] = [Q]',
  e: '$e: E!',
  c: '$c: Int!',
};

/** Executors run what is deferred at the root of a mutation, though validation refuses it. */
const isForRoots = ({ name }: { readonly name: string }): boolean => name === 'DeferStreamDirectiveOnRootFieldRule';
const rules = specifiedRules.filter((rule) => !isForRoots(rule));
const rules17 = graphql17.specifiedRules.filter((rule) => !isForRoots(rule));

export interface OperationOptions {
  readonly knobs: Pick<Knobs, 'conditions' | 'incremental'>;
  /** Default: mostly a query, else a mutation. */
  readonly kind?: 'subscription';
  /** The value of an argument as text, or null to leave it out. Default: as `randomSchema` has them. */
  readonly argument?: ArgumentWriter;
}

/** `variable` gives the text of one of the variables. */
export type ArgumentWriter = (random: Random, name: string, variable: (name: string) => string) => string | null;

/** A valid operation with fragments, aliases, conditions and variables. */
export function randomOperation(random: Random, schema: GraphQLSchema, options: OperationOptions): RandomOperation {
  const { knobs } = options;
  // graphql 16 does not know where `@defer` and `@stream` may stand.
  const reference = knobs.incremental ? graphql17.buildSchema(printSchema(schema)) : null;
  for (;;) {
    const written = new OperationWriter(random, schema, options).write();
    if (validate(schema, parse(written.text), rules).length > 0) continue;
    if (reference === null || graphql17.validate(reference, graphql17.parse(written.text), rules17).length === 0)
      return written;
  }
}

interface RandomFragment {
  readonly name: string;
  readonly on: GraphQLCompositeType;
  readonly text: string;
}

class OperationWriter {
  readonly #random: Random;
  readonly #schema: GraphQLSchema;
  readonly #knobs: OperationOptions['knobs'];
  readonly #kind: OperationOptions['kind'];
  readonly #argument: ArgumentWriter;
  readonly #used = new Set<string>();
  readonly #fragments: RandomFragment[] = [];
  #budget = 60;
  #labels = 0;

  constructor(random: Random, schema: GraphQLSchema, { knobs, kind, argument = ownArgument }: OperationOptions) {
    this.#random = random;
    this.#schema = schema;
    this.#knobs = knobs;
    this.#kind = kind;
    this.#argument = argument;
  }

  write(): RandomOperation {
    const random = this.#random;
    const composites = Object.values(this.#schema.getTypeMap()).filter(
      (type) => isCompositeType(type) && !type.name.startsWith('__'),
    );
    for (let left = random.below(4); left > 0; left--) {
      const on = random.pick(composites) as GraphQLCompositeType;
      this.#fragments.push({ name: `F${this.#fragments.length}`, on, text: this.#selection(on, 2) });
    }
    if (this.#kind === 'subscription') return this.#whole('subscription', this.#event());
    const mutation = random.chance(0.2);
    const root = (mutation ? this.#schema.getMutationType() : this.#schema.getQueryType()) as GraphQLCompositeType;
    const body = `${this.#selection(root, 4).slice(0, -1)}${mutation ? this.#deferredRoot(root) : ''}}`;
    return this.#whole(mutation ? 'mutation' : 'query', body);
  }

  /** One field, without a condition. */
  #event(): string {
    const root = this.#schema.getSubscriptionType() as GraphQLObjectType;
    const field = this.#random.pick(Object.values(root.getFields()));
    const named = getNamedType(field.type);
    const selection = isCompositeType(named) ? ` ${this.#selection(named, 4)}` : '';
    return `{ ${field.name}${this.#args(field)}${selection} }`;
  }

  #whole(kind: string, body: string): RandomOperation {
    const used = this.#closure(body);
    const vars = [...this.#used].filter((name) =>
      [body, ...used.map(({ text }) => text)].some((text) => new RegExp(`\\$${name}\\b`).test(text)),
    );
    const head = `${kind} Op${vars.length === 0 ? '' : `(${vars.map((name) => definitions[name]).join(' ')})`}`;
    const fragments = used.map(({ name, on, text }) => `\nfragment ${name} on ${on.name} ${text}`);
    return { text: `${head} ${body}${fragments.join('')}`, variables: this.#values(vars) };
  }

  #deferredRoot(root: GraphQLCompositeType): string {
    const random = this.#random;
    if (!this.#knobs.incremental || !random.chance(0.5)) return '';
    return `...${random.chance(0.5) ? '' : ` on ${root.name}`}${this.#condition()} @defer${this.#laterArgs([])} ${this.#selection(root, 3)} `;
  }

  #closure(body: string): RandomFragment[] {
    const used = new Set<string>();
    const visit = (text: string): void => {
      for (const { name, text: inner } of this.#fragments) {
        if (used.has(name) || !new RegExp(`\\.\\.\\. ?${name}\\b`).test(text)) continue;
        used.add(name);
        visit(inner);
      }
    };
    visit(body);
    return this.#fragments.filter(({ name }) => used.has(name));
  }

  #values(names: readonly string[]): Record<string, unknown> {
    const random = this.#random;
    const values: Record<string, unknown> = {};
    for (const name of names) {
      if (name === 'v0' || name === 'v2') values[name] = random.chance(0.5);
      else if (name === 'x') values[name] = 8;
      else if (name === 'e') values[name] = 'R';
      else if (name === 'c') values[name] = random.below(3);
      else if (random.chance(0.6)) {
        if (name === 'v1') values[name] = random.chance(0.5);
        else if (name.startsWith('n')) values[name] = random.pick([null, 4, 5]);
        else if (name === 'in')
          values[name] = random.pick<unknown>([null, {}, { x: 2, in: { y: null } }, { s: 'x', e: 'P' }]);
        else values[name] = random.pick<unknown>([null, ['P', 'R'], 'Q', []]);
      }
    }
    return values;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const parts: string[] = [];
    for (let left = 1 + random.below(4); left > 0; left--) {
      this.#budget--;
      const kind = random.next();
      if (kind < 0.1 || this.#budget <= 0)
        parts.push(`${this.#alias('__typename', 0.2)}__typename${this.#condition()}`);
      else if (kind < 0.75 || depth <= 0) parts.push(this.#field(type, depth));
      else if (kind < 0.9) parts.push(this.#inline(type, depth));
      else parts.push(this.#spread(type) ?? this.#field(type, depth));
    }
    return `{ ${parts.join(' ')} }`;
  }

  #alias(name: string, probability: number): string {
    return this.#random.chance(probability)
      ? `${this.#random.pick(['x', 'y', 'constructor', 'hasOwnProperty'])}${name.length % 2}: `
      : '';
  }

  #field(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    if (isUnionType(type)) return `__typename${this.#condition()}`;
    const fields = Object.values(type.getFields());
    const field = random.pick(fields) as GraphQLField<unknown, unknown>;
    const named = getNamedType(field.type);
    if (isCompositeType(named) && (depth <= 0 || this.#budget <= 0)) return `__typename${this.#condition()}`;
    const args = this.#args(field);
    const selection = isCompositeType(named) ? ` ${this.#selection(named, depth - 1)}` : '';
    return `${this.#alias(field.name + args, args === '' ? 0.15 : 0.4)}${field.name}${args}${this.#condition()}${this.#stream(field)}${selection}`;
  }

  #args(field: GraphQLField<unknown, unknown>): string {
    const given: string[] = [];
    for (const { name } of field.args) {
      const value = this.#argument(this.#random, name, (variable) => this.#variable(variable));
      if (value !== null) given.push(`${name}: ${value}`);
    }
    return given.length === 0 ? '' : `(${given.join(' ')})`;
  }

  #variable(name: string): string {
    this.#used.add(name);
    return `$${name}`;
  }

  #condition(): string {
    const random = this.#random;
    if (!this.#knobs.conditions || !random.chance(0.25)) return '';
    const condition = (): string =>
      `@${random.pick(['skip', 'include'])}(if: ${random.pick(['true', 'false', this.#variable('v0'), this.#variable('v1'), this.#variable('v2')])})`;
    return ` ${condition()}`;
  }

  #defer(): string {
    if (!this.#knobs.incremental || !this.#random.chance(0.6)) return '';
    return ` @defer${this.#laterArgs([])}`;
  }

  #stream({ type }: GraphQLField<unknown, unknown>): string {
    const random = this.#random;
    if (!this.#knobs.incremental || !isListType(isNonNullType(type) ? type.ofType : type) || !random.chance(0.5))
      return '';
    const counts = random.pick(['', '', 'initialCount: 0', 'initialCount: 1', 'initialCount: 2', 'initialCount: $c']);
    if (counts.includes('$c')) this.#used.add('c');
    return ` @stream${this.#laterArgs(counts === '' ? [] : [counts])}`;
  }

  #laterArgs(args: readonly string[]): string {
    const random = this.#random;
    const given = [...args];
    if (random.chance(0.3)) given.push(`label: "l${this.#labels++}"`);
    if (this.#knobs.conditions && random.chance(0.25))
      given.push(
        `if: ${random.pick(['true', 'false', this.#variable('v0'), this.#variable('v1'), this.#variable('v2')])}`,
      );
    return given.length === 0 ? '' : `(${given.join(' ')})`;
  }

  #inline(type: GraphQLCompositeType, depth: number): string {
    const { name, on } = this.#target(type);
    return `...${name}${this.#condition()}${this.#defer()} ${this.#selection(on, depth - 1)}`;
  }

  #target(type: GraphQLCompositeType): { name: string; on: GraphQLCompositeType } {
    const random = this.#random;
    if (random.chance(0.25)) return { name: '', on: type };
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    const around = Object.values(this.#schema.getTypeMap()).filter(
      (other): other is GraphQLCompositeType =>
        isAbstractType(other) &&
        possible.some((object) => isObjectType(object) && this.#schema.isSubType(other, object)),
    );
    const on = random.pick([...possible, ...around] as GraphQLCompositeType[]);
    return on === undefined ? { name: '', on: type } : { name: ` on ${on.name}`, on };
  }

  #spread(type: GraphQLCompositeType): string | null {
    const possible = new Set<unknown>(isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type]);
    const fitting = this.#fragments.filter(({ on }) =>
      (isAbstractType(on) ? this.#schema.getPossibleTypes(on) : [on]).some((object) => possible.has(object)),
    );
    if (fitting.length === 0) return null;
    return `...${this.#random.pick(fitting).name}${this.#condition()}${this.#defer()}`;
  }
}

/** The arguments of `randomSchema`. */
function ownArgument(random: Random, name: string, variable: (name: string) => string): string | null {
  if (!random.chance(0.5)) return null;
  switch (name) {
    case 'n':
      return random.pick(['1', 'null', variable('n'), variable('n3'), variable('x')]);
    case 'in':
      return random.pick([
        ...['{}', 'null', '{ x: 2, y: 7 }', `{ x: ${variable('x')}, in: { y: [${variable('n')}] } }`],
        ...[variable('in'), `{ e: ${variable('e')} }`],
      ]);
    case 'es':
      return random.pick(['P', '[P, Q]', variable('es'), `[${variable('e')}]`]);
    case 'constructor':
      return random.pick(['"a"', '"b"']);
    default:
      return null;
  }
}
