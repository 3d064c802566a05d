import { join } from '../../utils/positions.ts';
import type { AstNode, SelectionSet } from './ast.ts';
import { nameOf, type Operation, type Variables } from './document.ts';
import { isNode } from './print.ts';

export type JsonObject = { readonly [key: string]: unknown };

/** Types by the interface or union that they belong to. */
export type PossibleTypes = { readonly [type: string]: readonly string[] };

/** A field of an object, as a response has it and as the store has it. */
export interface Field {
  /** Its key in the response. */
  readonly key: string;
  /** Its key in a record: the name, and the arguments if there are some. */
  readonly storageKey: string;
  /** The selection of its value; null: it is a leaf. */
  readonly selection: Selection | null;
}

/** The common part of all selections of an operation with its variables. */
export class Scope {
  readonly operation: Operation;
  readonly variables: Variables;
  readonly #possible: PossibleTypes | null;
  /** Names of types that objects were seen to have: no interface and no union. */
  readonly #objects: Set<string>;
  readonly #guessed = new Map<SelectionSet, Map<string, boolean>>();

  constructor(operation: Operation, variables: Variables, possible: PossibleTypes | null, objects: Set<string>) {
    this.operation = operation;
    this.variables = variables;
    this.#possible = possible;
    this.#objects = objects;
  }

  /** Whether a selection is left out by `@skip` or `@include`. */
  isLeftOut({ directives = [] }: AstNode): boolean {
    return directives.some((directive) => {
      const [argument] = directive.arguments ?? [];
      const name = nameOf(directive);
      if (name !== 'skip' && name !== 'include') return false;
      return this.valueOf(argument?.value) === (name === 'skip');
    });
  }

  /**
   * Whether a fragment's fields belong to objects of a type; null: nobody knows yet. Without `possibleTypes` it is told by
   * whole objects: they have all fields of the fragment, or do not.
   */
  applies(condition: string, type: string, set: SelectionSet, data: JsonObject | null): boolean | null {
    if (condition === '' || condition === type) return true;
    const possible = this.#possible?.[condition];
    if (possible !== undefined) return possible.includes(type);
    if (this.#objects.has(condition) || type === '') return type === '';
    let guesses = this.#guessed.get(set);
    const known = guesses?.get(type);
    if (known !== undefined || data === null) return known ?? null;
    const hasAll = set.selections.every(
      (node) => node.kind !== 'Field' || this.isLeftOut(node) || (node.alias?.value ?? nameOf(node)) in data,
    );
    guesses ??= new Map();
    this.#guessed.set(set, guesses.set(type, hasAll));
    return hasAll;
  }

  saw(type: string): void {
    this.#objects.add(type);
  }

  /** The value that an argument has; undefined: a variable that is not given. */
  valueOf(node: unknown): unknown {
    if (!isNode(node)) return undefined;
    switch (node.kind) {
      case 'Variable': {
        const name = nameOf(node);
        const value = this.variables[name];
        return value === undefined ? this.valueOf(this.operation.defaults.get(name)) : value;
      }
      case 'ListValue':
        return (node.values ?? []).map((value) => this.valueOf(value) ?? null);
      case 'ObjectValue':
        return Object.fromEntries((node.fields ?? []).map((field) => [nameOf(field), this.valueOf(field.value)]));
      case 'NullValue':
        return null;
      case 'IntValue':
      case 'FloatValue':
        return Number(node.value);
      default:
        return node.value;
    }
  }
}

/** The selection of the objects at one position, by their type. */
export class Selection {
  /** Its position, without the levels of lists. */
  readonly path: string;
  readonly sets: readonly SelectionSet[];
  readonly #scope: Scope;
  readonly #byType = new Map<string, readonly Field[]>();

  constructor(sets: readonly SelectionSet[], scope: Scope, path = '') {
    this.path = path;
    this.sets = sets;
    this.#scope = scope;
  }

  /** The fields of an object of a type (empty: unknown). `data`: all that a response has of it. */
  fieldsOf(type: string, data: JsonObject | null = null): readonly Field[] {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    if (type !== '') this.#scope.saw(type);
    const collected = new Map<string, { storageKey: string; sets: SelectionSet[] }>();
    let isCertain = true;
    const collect = ({ selections }: SelectionSet): void => {
      for (const node of selections) {
        if (this.#scope.isLeftOut(node)) continue;
        const { kind, selectionSet } = node;
        if (kind === 'Field') {
          const key = node.alias?.value ?? nameOf(node);
          const field = collected.get(key) ?? { storageKey: this.#storageKey(node), sets: [] };
          if (selectionSet !== undefined) field.sets.push(selectionSet);
          collected.set(key, field);
          continue;
        }
        const fragment = kind === 'InlineFragment' ? node : this.#scope.operation.fragments.get(nameOf(node));
        if (fragment?.selectionSet === undefined) continue;
        const applies = this.#scope.applies(nameOf(fragment.typeCondition), type, fragment.selectionSet, data);
        isCertain &&= applies !== null;
        if (applies !== false) collect(fragment.selectionSet);
      }
    };
    this.sets.forEach(collect);
    const fields = [...collected].map(([key, { storageKey, sets }]) => {
      if (sets.length === 0) return { key, storageKey, selection: null };
      return {
        key,
        storageKey: storageKey + this.#identity(sets),
        selection: new Selection(sets, this.#scope, join(this.path, key)),
      };
    });
    if (isCertain) this.#byType.set(type, fields);
    return fields;
  }

  /**
   * How objects of these selections are known, as text; empty: all by type and id. Selections that know them in other ways
   * link to other records, and so do not share the links.
   */
  #identity(sets: readonly SelectionSet[]): string {
    const fields = sets.flatMap(({ selections }) => selections.filter(({ kind }) => kind === 'Field'));
    const type = fields.some((node) => nameOf(node) === '__typename' && node.alias === undefined) ? '' : '!';
    if (fields.some((node) => nameOf(node) === 'id')) return type;
    const types = sets.flatMap((set) => this.#typesWithId(set));
    return `${type}~${[...new Set(types)].sort().join()}`;
  }

  /** The types on which fragments select an id. */
  #typesWithId({ selections }: SelectionSet): readonly string[] {
    return selections.flatMap((node) => {
      const fragment = node.kind === 'FragmentSpread' ? this.#scope.operation.fragments.get(nameOf(node)) : node;
      const set = fragment?.selectionSet;
      if (set === undefined || node.kind === 'Field') return [];
      const hasId = set.selections.some(({ kind, name }) => kind === 'Field' && name?.value === 'id');
      return [...(hasId ? [nameOf(fragment?.typeCondition)] : []), ...this.#typesWithId(set)];
    });
  }

  #storageKey(node: AstNode): string {
    const given: [name: string, value: unknown][] = [];
    for (const argument of node.arguments ?? []) {
      const value = this.#scope.valueOf(argument.value);
      if (value !== undefined) given.push([nameOf(argument), value]);
    }
    if (given.length === 0) return nameOf(node);
    return `${nameOf(node)}(${stableText(Object.fromEntries(given))})`;
  }
}

/** JSON with keys in order: equal values have equal texts. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
