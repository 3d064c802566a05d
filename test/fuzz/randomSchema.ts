import { print as printDocument } from 'graphql';
import { incrementalTypeDefs } from '../../src/schema/incrementalDirectives.ts';
import type { Random } from './Random.ts';

/** What random data may hold; a failing seed is tried again with less of it. */
export interface Knobs {
  readonly async: boolean;
  readonly errors: boolean;
  readonly nulls: boolean;
  readonly wrong: boolean;
  readonly resolvers: boolean;
  readonly conditions: boolean;
  readonly functions: boolean;
  readonly iterables: boolean;
  /** Some fields have plans that mean what the default resolver does. */
  readonly plans: boolean;
  /** The operation has `@defer` and `@stream`; lists may be async generators. */
  readonly incremental: boolean;
}

export type FieldMode = 'default' | 'resolver' | 'access' | 'lambda' | 'load';

export interface RandomField {
  readonly name: string;
  readonly type: string;
  readonly args: readonly { readonly name: string; readonly type: string; readonly initial: string | null }[];
  readonly mode: FieldMode;
}

export interface RandomType {
  readonly kind: 'object' | 'interface';
  readonly name: string;
  readonly interfaces: readonly string[];
  readonly fields: readonly RandomField[];
}

export type TypeResolution = 'typename' | 'resolveType' | 'isTypeOf' | 'planType';

export interface RandomSchema {
  readonly types: readonly RandomType[];
  readonly unions: readonly { readonly name: string; readonly members: readonly string[] }[];
  readonly resolution: TypeResolution;
  readonly sdl: string;
}

const leaves = ['Int', 'Float', 'String', 'Boolean', 'ID', 'E', 'S'];
const fieldNames = ['a', 'b', 'c', 'd', 'e', 'f', 'constructor', 'hasOwnProperty', 'toString'];

/** Makes the types of a schema: objects, interfaces, unions, an enum, a custom scalar and an input object. */
export function randomSchema(random: Random, knobs: Knobs): RandomSchema {
  const objectNames = ['A', 'B', 'C', 'D'].slice(0, 2 + random.below(3));
  const interfaceNames = ['I', 'J'].slice(0, 1 + random.below(2));
  const unions = [{ name: 'U', members: random.some(objectNames, 0.7) }].filter(({ members }) => members.length > 0);
  const composites = [...objectNames, ...interfaceNames, ...unions.map(({ name }) => name)];

  const wrap = (name: string): string => {
    let type = name;
    if (random.chance(0.25)) type += '!';
    for (let depth = random.pick([0, 0, 0, 1, 1, 2]); depth > 0; depth--) {
      type = `[${type}]`;
      if (random.chance(0.2)) type += '!';
    }
    return type;
  };
  const modeOf = (name: string, hasArgs: boolean): FieldMode => {
    if (knobs.resolvers && random.chance(0.35)) return 'resolver';
    // Not what every value inherits: the default resolver asks objects only.
    const canPlan = knobs.plans && !hasArgs && name.length <= 2;
    return canPlan && random.chance(0.5) ? random.pick(['access', 'lambda', 'load'] as const) : 'default';
  };
  const withMode = (declared: Omit<RandomField, 'mode'>): RandomField => ({
    ...declared,
    mode: modeOf(declared.name, declared.args.length > 0),
  });
  const field = (name: string): RandomField =>
    withMode({
      name,
      type: wrap(random.chance(0.55) ? random.pick(composites) : random.pick(leaves)),
      args: random.chance(0.3) ? randomArgs(random) : [],
    });
  const fields = (count: number, taken: ReadonlySet<string>): RandomField[] => {
    const names = new Set<string>();
    for (let left = count; left > 0; left--) names.add(random.pick(fieldNames));
    return [...names].filter((name) => !taken.has(name)).map(field);
  };

  const interfaces: RandomType[] = interfaceNames.map((name) => ({
    kind: 'interface',
    name,
    interfaces: [],
    fields: [...fields(2, new Set(['id'])), { name: 'id', type: 'ID', args: [], mode: 'default' }],
  }));
  const objects: RandomType[] = objectNames.map((name) => {
    const implemented: RandomType[] = [];
    const own = new Map<string, RandomField>();
    for (const candidate of interfaces) {
      if (!random.chance(0.7)) continue;
      if (candidate.fields.some((known) => own.has(known.name) && own.get(known.name)?.type !== known.type)) continue;
      if (
        candidate.fields.some(
          (known) => own.has(known.name) && known.args.length + (own.get(known.name)?.args.length ?? 0) > 0,
        )
      )
        continue;
      implemented.push(candidate);
      for (const inherited of candidate.fields) {
        const strict = random.chance(0.2) && !inherited.type.endsWith('!') ? `${inherited.type}!` : inherited.type;
        if (!own.has(inherited.name)) {
          own.set(inherited.name, withMode({ name: inherited.name, type: strict, args: inherited.args }));
        }
      }
    }
    for (const extra of fields(3, new Set(own.keys()))) own.set(extra.name, extra);
    if (own.size === 0) own.set('id', { name: 'id', type: 'ID', args: [], mode: 'default' });
    return { kind: 'object', name, interfaces: implemented.map((known) => known.name), fields: [...own.values()] };
  });
  const roots: RandomType[] = ['Query', 'Mutation'].map((name) => ({
    kind: 'object',
    name,
    interfaces: [],
    fields: [...fields(5, new Set(['q', 'r'])), field('q'), field('r')],
  }));
  const types = [...objects, ...interfaces, ...roots];
  return {
    types,
    unions,
    resolution: knobs.plans && random.chance(0.4) ? 'planType' : random.pick(['typename', 'resolveType', 'isTypeOf']),
    sdl: print(types, unions, knobs.incremental),
  };
}

function randomArgs(random: Random): RandomField['args'] {
  const all = [
    { name: 'n', type: 'Int', initial: random.chance(0.5) ? '3' : null },
    { name: 'in', type: 'In', initial: random.chance(0.3) ? '{ x: 1 }' : null },
    { name: 'es', type: '[E!]', initial: random.chance(0.3) ? '[P]' : null },
    { name: 'constructor', type: 'String!', initial: '"k"' },
  ];
  return random.some(all, 0.5);
}

function print(types: readonly RandomType[], unions: RandomSchema['unions'], incremental: boolean): string {
  const lines = [
    ...(incremental ? [printDocument(incrementalTypeDefs)] : []),
    'enum E { P Q R }',
    'scalar S',
    'input In { x: Int! = 5 y: [Int] = [1, 2] e: E = Q in: In s: String }',
    ...unions.map(({ name, members }) => `union ${name} = ${members.join(' | ')}`),
  ];
  for (const { kind, name, interfaces, fields } of types) {
    const implementing = interfaces.length === 0 ? '' : ` implements ${interfaces.join(' & ')}`;
    lines.push(`${kind === 'object' ? 'type' : 'interface'} ${name}${implementing} {`);
    for (const field of fields) {
      const args = field.args.map(
        (arg) => `${arg.name}: ${arg.type}${arg.initial === null ? '' : ` = ${arg.initial}`}`,
      );
      lines.push(`  ${field.name}${args.length === 0 ? '' : `(${args.join(' ')})`}: ${field.type}`);
    }
    lines.push('}');
  }
  return lines.join('\n');
}
