/** What a client hears of keys, in a form that is equal where all that it can tell is equal. */
import { parse } from 'graphql';
import { splitSeeds } from '../../src/reactive/keys/Seals.ts';
import { placesOf } from '../../src/reactive/response/placesOf.ts';
import type { Reactive, ReactiveExtension } from '../../src/reactive.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { splitKeys } from '../../src/utils/wireKeys.ts';

const FIELDS = `user(id: $a) { id } doc(id: $a) { id } remark(id: $a) { id } node(id: $a) { id }
  again: node(id: $a) { id } other: node(id: $b) { id }`;
const QUERY = `query ($a: ID!, $b: ID!) { ${FIELDS} }`;
const OTHER_NAME = QUERY.replace('query', 'query Other');
const RENAME = 'mutation ($id: ID!) { updateDoc(id: $id, data: { title: "renamed" }) { doc { id } } }';
const A_MINUTE = 60_000;

interface Told {
  readonly data: unknown;
  readonly errors: unknown;
  readonly extension: Partial<ReactiveExtension>;
}

/**
 * Asks for two ids at six positions: again, under another name, for another subject, and after a write to an object that
 * the viewer sees. Names and versions are random: a name becomes the number of its first appearance, a version how far
 * it has moved. How many keys the root has is told (docs/privacy.md), and left out here.
 */
export async function askReactively(
  reactive: Reactive,
  contextOf: () => Record<string, unknown>,
  subject: string,
  ids: { readonly a: string; readonly b: string },
  shown: string,
): Promise<readonly unknown[]> {
  const ask = async (source: string, variableValues: Record<string, unknown>, by: string, held = ''): Promise<Told> => {
    const { data, errors, extensions } = await reactive.execute({
      ...{ document: parse(source), variableValues, subject: by, contextValue: contextOf() },
      extensions: { reactive: { v: 1, held } },
    });
    return { data, errors, extension: extensions?.reactive ?? {} };
  };
  const forms = new Forms();
  const first = await ask(QUERY, ids, subject);
  const [, ...runs] = first.extension.grant?.split('.')[2]?.split('~') ?? [];
  const held = runs.map((run) => run.slice(0, 8)).join('');
  return [
    ...[splitSeeds(held).length, forms.of(first)],
    forms.of(await ask(QUERY, ids, subject)),
    forms.of(await ask(OTHER_NAME, ids, subject)),
    forms.of(await ask(QUERY, ids, `not ${subject}`)),
    forms.of(await ask(RENAME, { id: shown }, subject, held)),
    forms.of(await ask(QUERY, ids, subject)),
  ];
}

/** What can be told of names that are random, from one response to the next. */
class Forms {
  readonly #numbers = new Map<string, number>();
  readonly #latest = new Map<string, number>();
  readonly #root = new Set<string>();

  of({ data, errors, extension }: Told): unknown {
    const { keys = '', versions = [], groups = [], status, asOf = 0, invalidated = '', ...others } = extension;
    const names = splitKeys(keys);
    const told = groups.map(({ at, scope, keys: ranges }) => {
      const own = placesOf(ranges).map((place) => [itemAt(names, place), itemAt(versions, place)] as const);
      return { at, scope, ...(at === '' ? this.#ofRoot(own) : this.#ofGroup(own)) };
    });
    const changed = splitKeys(invalidated).map((name) => (this.#root.has(name) ? 'root' : this.#number(name)));
    // A time, and no count.
    const isNow = asOf === 0 || Math.abs(asOf / 1000 - Date.now()) < A_MINUTE;
    return {
      data,
      errors,
      told,
      status,
      isNow,
      changed: changed.filter((name) => name !== 'root'),
      more: Object.keys(others),
    };
  }

  #ofGroup(own: ReadonlyArray<readonly [string, number]>): object {
    return { names: own.map(([name]) => this.#number(name)), moved: own.map((one) => this.#moved(one)) };
  }

  #ofRoot(own: ReadonlyArray<readonly [string, number]>): object {
    for (const [name] of own) this.#root.add(name);
    return {
      elsewhere: own.filter(([name]) => this.#numbers.has(name)).length,
      moved: own.map((one) => this.#moved(one)).filter((by) => by !== 0),
    };
  }

  #number(name: string): number {
    return getOrCreate(this.#numbers, name, () => this.#numbers.size);
  }

  #moved([name, version]: readonly [string, number]): number {
    const before = this.#latest.get(name) ?? version;
    this.#latest.set(name, version);
    return version - before;
  }
}
