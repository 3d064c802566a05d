import { Random } from '../../fuzz/Random.ts';
import { type Application, type Attr, type List, type ListField, nameOf, type Type } from './application.ts';
import { ListMaker } from './ListMaker.ts';
import { attrOf, makeTypes } from './makeTypes.ts';
import { rulesOf } from './rules.ts';
import { sdlOf } from './sdl.ts';

export function makeApplication(seed: number): Application {
  const random = new Random(seed);
  const types = makeTypes(random);
  const { lists, queries } = new Lists(random, types);
  const application = { types, lists, queries: queries.map((field) => withPlaces(field, lists)) };
  return { ...application, sdl: sdlOf(application), stubs: rulesOf(types) };
}

/**
 * Where a field chooses its list, Grapple refuses ids as places as soon as any index by the same attributes has an
 * order, also one that the field does not name.
 */
function withPlaces(field: ListField, lists: readonly List[]): ListField {
  const own = field.lists.map(({ list }) => list);
  const isAlike = ({ type, attrs }: List): boolean =>
    own.some(
      (list) =>
        list.type === type && list.attrs.length === attrs.length && attrs.every((name) => list.attrs.includes(name)),
    );
  const isRefused =
    field.isChoice && field.shape === 'list' && lists.some((list) => list.kind === 'value' && isAlike(list));
  return isRefused ? { ...field, takesPlaces: false } : field;
}

const base = {
  where: null,
  orderBy: [],
  parts: null,
  onDelete: 'keep',
  mustExist: false,
  colocate: false,
  data: [],
  inverse: null,
  edgeId: 0,
  attrs: [],
} as const;

const dataAttrs: readonly Attr[] = [
  attrOf('rank', 'Int', true),
  attrOf('price', 'Float', false),
  attrOf('text', 'String', false),
  attrOf('at', 'DateTime', false),
];

/** Gives types their lists. */
class Lists {
  readonly lists: List[] = [];
  readonly queries: ListField[] = [];
  readonly #random: Random;
  readonly #types: readonly Type[];
  readonly #maker: ListMaker;
  readonly #colocated = new Set<Type>();
  #edgeId = 1000;

  constructor(random: Random, types: readonly Type[]) {
    this.#random = random;
    this.#types = types;
    this.#maker = new ListMaker(random);
    for (const type of types) {
      for (const link of type.attrs.filter(({ isLink, targets }) => isLink && targets.length === 1))
        this.#addStored(type, link);
      for (let n = 1 + random.below(3); n > 0; n--) this.#addIndex(type);
      const code = type.attrs.find(({ name }) => name === 'code');
      if (code !== undefined) this.#addUnique(type, code);
    }
    for (let n = 1 + random.below(2); n > 0; n--) this.#addPlain();
  }

  #typeNamed(name: string | undefined): Type {
    return this.#types.find((one) => one.name === name) as Type;
  }

  /** Edges by an attribute that stores an id. */
  #addStored(type: Type, link: Attr): void {
    const random = this.#random;
    const owner = this.#typeNamed(link.targets[0]);
    const own = this.#storedLists(type, link, owner);
    this.lists.push(...own);
    const groups = random.chance(0.6) ? [own] : own.map((one) => [one]);
    for (const [at, lists] of groups.entries()) {
      const name = `${type.name.toLowerCase()}_${link.name}_${at}`;
      const shape = this.#maker.shape();
      const { attrs } = type;
      owner.fields.push(this.#maker.field({ owner: owner.name, name, lists, shape, values: [], attrs }));
    }
    for (const list of own) this.#addSums(owner, list, type.attrs, true);
  }

  #storedLists(type: Type, link: Attr, owner: Type): List[] {
    const random = this.#random;
    const chosen = link.nonNull
      ? random.pick(['keep', 'delete', 'refuse'] as const)
      : random.pick(['keep', 'keep', 'clear', 'delete', 'refuse'] as const);
    const onDelete = owner.expires && chosen === 'refuse' ? 'keep' : chosen;
    const mustExist = random.chance(0.25);
    const colocate = !this.#colocated.has(type) && !link.isHidden && random.chance(0.3);
    if (colocate) this.#colocated.add(type);
    const lists: List[] = [];
    for (let n = 1 + random.below(3); n > 0; n--) {
      const where = onDelete === 'keep' && random.chance(0.45) ? this.#maker.whereFor(type.attrs, []) : null;
      const orderBy = random.chance(0.6) ? this.#maker.orderOf(type.attrs) : [];
      const edgeId = this.#edgeId++;
      lists.push({
        ...{ ...base, kind: 'stored', name: `e${edgeId}`, edgeId, from: owner.name, type: type.name },
        ...{ attrs: [link.name], where, orderBy, onDelete, mustExist, colocate },
      });
    }
    return lists;
  }

  #addSums(owner: Type, list: List, attrs: readonly Attr[], withAverage: boolean): void {
    const first = attrs.find(({ name }) => name === nameOf(list.orderBy[0] ?? ''));
    if (first === undefined || (first.kind !== 'Int' && first.kind !== 'Float')) return;
    const { kind, nonNull } = first;
    owner.sums.push({ name: `sum_${list.name}`, list, isAverage: false, kind });
    if (nonNull && withAverage) owner.sums.push({ name: `avg_${list.name}`, list, isAverage: true, kind });
  }

  #addIndex(type: Type): void {
    const random = this.#random;
    const usable = type.attrs.filter(({ kind, name }) => kind !== 'Float' && name !== 'code' && name !== 'ends');
    const isOfType = random.chance(0.3);
    const keys = isOfType ? [] : random.some(usable, 0.2).slice(0, 2);
    if (keys.length === 0 && !isOfType) keys.push(random.pick(usable));
    const names = keys.map(({ name }) => name);
    const where = random.chance(0.4) ? this.#maker.whereFor(type.attrs, names) : null;
    const orderBy = random.chance(0.55) ? this.#maker.orderOf(type.attrs) : [];
    const isEntries = keys.length === 1 && where === null && orderBy.length === 0;
    const parts = isOfType && random.chance(0.6) ? 1 + random.below(4) : null;
    const name = `i${this.#edgeId++}`;
    const list: List = {
      ...{ ...base, kind: isEntries ? 'entries' : 'value', name, from: 'Query', type: type.name },
      ...{ attrs: names, where, orderBy, parts },
    };
    this.#addQuery(type, list, this.#maker.shape(), keys);
  }

  #addUnique(type: Type, code: Attr): void {
    const random = this.#random;
    const keys = [code, ...(random.chance(0.4) ? type.attrs.filter(({ name }) => name === 'owner') : [])];
    const where = random.chance(0.4) ? this.#maker.whereFor(type.attrs, ['code', 'owner']) : null;
    const told = [...keys, ...type.attrs.filter(({ name }) => where !== null && name in where)];
    if (told.some(({ isHidden }) => isHidden)) return;
    const attrs = keys.map(({ name }) => name);
    const name = `u${this.#edgeId++}`;
    this.#addQuery(type, { ...base, kind: 'unique', name, from: 'Query', type: type.name, attrs, where }, 'one', keys);
  }

  #addQuery(type: Type, list: List, shape: ListField['shape'], values: readonly Attr[]): void {
    this.lists.push(list);
    type.lists.push(list);
    const { attrs } = type;
    this.queries.push(
      this.#maker.field({ owner: 'Query', name: `q_${list.name}`, lists: [list], shape, values, attrs }),
    );
  }

  /** A plain edge, perhaps with an inverse. */
  #addPlain(): void {
    const random = this.#random;
    const from = random.pick(this.#types);
    const to = random.pick(this.#types);
    const data = random.chance(0.6) ? dataAttrs : [];
    const name = `p${this.#edgeId}`;
    const inverse = random.chance(0.4) ? `${name}i` : null;
    const plain = (own: string, one: Type, other: Type, back: string | null): List => ({
      ...{ ...base, kind: 'plain', name: own, edgeId: this.#edgeId++, from: one.name, type: other.name },
      ...{ data, inverse: back },
      orderBy: data.length > 0 && random.chance(0.6) ? this.#maker.orderOf(dataAttrs) : [],
    });
    const list = plain(name, from, to, inverse);
    const own = [list, ...(inverse === null ? [] : [plain(inverse, to, from, name)])];
    this.lists.push(...own);
    for (const one of own) this.#addPlainField(one);
    if (from.name === 'T0') to.hasEdges.push({ name: `has_${name}`, list, argument: null });
    to.hasEdges.push({ name: `hasFrom_${name}`, list, argument: 'from' });
  }

  #addPlainField(list: List): void {
    const owner = this.#typeNamed(list.from);
    const shape = this.#maker.shape();
    const name = `f_${list.name}`;
    const parts = { owner: owner.name, name, lists: [list], shape, values: [], attrs: dataAttrs };
    const field = this.#maker.field(parts);
    owner.fields.push({ ...field, isChoice: false, lists: field.lists.slice(0, 1) });
    this.#addSums(owner, list, dataAttrs, false);
  }
}
