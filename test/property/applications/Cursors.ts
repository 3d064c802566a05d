import type { Random } from '../../fuzz/Random.ts';
import type { ListField } from './application.ts';

/** The cursors that were seen: the oracle's, by its list, and what the application gave in their places. */
export class Cursors {
  readonly #real = new Map<string, string>();
  readonly #byList = new Map<string, string[]>();

  /** Null: it is the one that was seen before. */
  note(oracles: string, real: string): string | null {
    const before = this.#real.get(oracles);
    if (before !== undefined) return before === real ? null : before;
    this.#real.set(oracles, real);
    const [source] = JSON.parse(oracles.slice(4)) as [string];
    const [name = ''] = source.split(' ');
    const all = this.#byList.get(name) ?? [];
    this.#byList.set(name, all);
    all.push(oracles);
    return null;
  }

  /** Variables with the cursors of the application in place of the oracle's. */
  realOf(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const real = (value: unknown): unknown => (typeof value === 'string' ? (this.#real.get(value) ?? value) : value);
    return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, real(value)]));
  }

  /** A cursor for a field; seldom one of other lists, or none at all. */
  pick(random: Random, field: ListField): string | null {
    const lists = field.lists.map(({ list }) => list.name);
    const names = [...lists, `i:${[...new Set(lists)].sort().join('+')}`];
    const fitting = names.flatMap((name) => this.#byList.get(name) ?? []);
    const all = random.chance(0.05) ? [...this.#byList.values()].flat() : fitting;
    if (random.chance(0.03)) return random.pick(broken);
    return all.length === 0 ? null : random.pick(random.chance(0.6) ? all.slice(-30) : all);
  }
}

const broken = [
  '',
  'x',
  'o01_',
  '12_00000000-0000-8000-8000-000000000000_abc',
  'é',
  'o_00000000-0000-8000-8000-000000000000_aaaaaaaaaaa',
];
