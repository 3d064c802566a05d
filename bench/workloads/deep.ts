import { ask } from '../ask.ts';
import type { ByHand, Store, Workload } from '../Workload.ts';
import { ByteWriter, bytesOf } from './ByteWriter.ts';
import { lookup, nameOf } from './texts.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly managerId: string;
}

const width = 10;
const depth = 15;

function makeStore(): Store {
  const people = Array.from({ length: width * (depth + 1) }, (_, n) => ({
    id: `p${n}`,
    name: nameOf(n),
    managerId: `p${n + width}`,
  }));
  const byId = new Map<unknown, Person>(people.map((person) => [person.id, person]));
  return {
    teams: async (sizes) => sizes.map((size) => people.slice(0, size as number)),
    peopleByIds: lookup(byId),
  };
}

async function load(store: Store): Promise<readonly (readonly Person[])[]> {
  let [level] = (await ask(store, 'teams', [width])) as readonly [readonly Person[]];
  const levels = [level];
  for (let d = 0; d < depth; d++) {
    level = (await ask(
      store,
      'peopleByIds',
      level.map(({ managerId }) => managerId),
    )) as readonly Person[];
    levels.push(level);
  }
  return levels;
}

const writer = new ByteWriter();
const OPEN = bytesOf('{"data":{"team":[');
const NAME = bytesOf('{"name":');
const MANAGER = bytesOf(',"manager":');
const CLOSE = bytesOf(']}}');
const comma = 44;
const brace = 125;

const byHand: ByHand = {
  async bytes(store) {
    const levels = await load(store);
    writer.raw(OPEN);
    for (let row = 0; row < width; row++) {
      if (row > 0) writer.byte(comma);
      for (let d = 0; d <= depth; d++) {
        if (d > 0) writer.raw(MANAGER);
        writer.raw(NAME);
        writer.string(personAt(levels, d, row).name);
      }
      for (let d = 0; d <= depth; d++) writer.byte(brace);
    }
    writer.raw(CLOSE);
    return writer.take();
  },

  async objects(store) {
    const levels = await load(store);
    return { team: levels[0]?.map((_, row) => chain(levels, row, 0)) };
  },
};

function personAt(levels: readonly (readonly Person[])[], d: number, row: number): Person {
  return (levels[d] as readonly Person[])[row] as Person;
}

function chain(levels: readonly (readonly Person[])[], row: number, d: number): object {
  const { name } = personAt(levels, d, row);
  return d === depth ? { name } : { name, manager: chain(levels, row, d + 1) };
}

const selection = Array.from({ length: depth }).reduce<string>((inner) => `name manager { ${inner} }`, 'name');

/** A team of 10 and 15 levels of managers: few rows, 16 rounds one after another. */
export const deep: Workload = {
  name: 'deep',
  title: 'deep chain (10 rows, 16 rounds)',
  mode: 'hot',
  typeDefs: `
    type Query { team(size: Int!): [Person!]! }
    type Person { id: ID! name: String! manager: Person }
  `,
  relations: {
    'Query.team': { kind: 'many', batch: 'teams', by: { argument: 'size' } },
    'Person.manager': { kind: 'one', batch: 'peopleByIds', by: { attribute: 'managerId' } },
  },
  abstractTypes: [],
  makeStore,
  byHand,
  document: () => `{ team(size: ${width}) { ${selection} } }`,
  variables: () => ({}),
  unfit: {},
};
