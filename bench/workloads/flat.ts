import { ask } from '../ask.ts';
import type { ByHand, Workload } from '../Workload.ts';
import { ByteWriter, bytesOf } from './ByteWriter.ts';
import { nameOf, textOf } from './texts.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string | null;
  readonly code: string;
  readonly city: string;
  readonly count: number;
  readonly rank: number;
  readonly score: number;
  readonly active: boolean;
  readonly status: string;
}

const cities: readonly string[] = ['Lisboa', 'Zürich', 'Москва', '東京', 'Nairobi'];
const statuses: readonly string[] = ['OPEN', 'CLOSED', 'HELD'];

function makeRow(n: number): Row {
  return {
    id: `r${n}`,
    name: nameOf(n),
    note: n % 4 === 0 ? null : textOf(n),
    code: `C-${(n * 7919) % 100_000}`,
    city: cities[n % cities.length] as string,
    count: n,
    rank: (n * 37) % 1000,
    score: ((n * 13) % 10_000) / 8,
    active: n % 2 === 0,
    status: statuses[n % statuses.length] as string,
  };
}

const writer = new ByteWriter();
const OPEN = bytesOf('{"data":{"rows":[');
const ID = bytesOf('{"id":');
const NAME = bytesOf(',"name":');
const NOTE = bytesOf(',"note":');
const CODE = bytesOf(',"code":');
const CITY = bytesOf(',"city":');
const COUNT = bytesOf(',"count":');
const RANK = bytesOf(',"rank":');
const SCORE = bytesOf(',"score":');
const ACTIVE = bytesOf(',"active":');
const STATUS = bytesOf(',"status":');
const CLOSE = bytesOf(']}}');
const comma = 44;
const brace = 125;

/** `ask`s for the rows, and writes them. */
function byHandOf(count: number): ByHand {
  return {
    async bytes(store) {
      const [rows] = (await ask(store, 'firstRows', [count])) as readonly [readonly Row[]];
      writer.raw(OPEN);
      for (let r = 0; r < rows.length; r++) {
        if (r > 0) writer.byte(comma);
        writeRow(rows[r] as Row);
      }
      writer.raw(CLOSE);
      return writer.take();
    },

    async objects(store) {
      const [rows] = (await ask(store, 'firstRows', [count])) as readonly [readonly Row[]];
      return {
        rows: rows.map(({ id, name, note, code, city, count, rank, score, active, status }) => {
          return { id, name, note, code, city, count, rank, score, active, status };
        }),
      };
    },
  };
}

function writeRow(row: Row): void {
  writer.raw(ID);
  writer.string(row.id);
  writer.raw(NAME);
  writer.string(row.name);
  writer.raw(NOTE);
  if (row.note === null) writer.null();
  else writer.string(row.note);
  writer.raw(CODE);
  writer.string(row.code);
  writer.raw(CITY);
  writer.string(row.city);
  writer.raw(COUNT);
  writer.integer(row.count);
  writer.raw(RANK);
  writer.integer(row.rank);
  writer.raw(SCORE);
  writer.float(row.score);
  writer.raw(ACTIVE);
  writer.boolean(row.active);
  writer.raw(STATUS);
  writer.string(row.status);
  writer.byte(brace);
}

/** One list of rows with 10 leaves of every scalar and an enum: all output, next to no loading. */
export function flatOf(name: string, count: number): Workload {
  return {
    name,
    title: `${count.toLocaleString('en')} rows × 10 leaves`,
    mode: 'hot',
    typeDefs: `
      enum Status { OPEN CLOSED HELD }
      type Query { rows(first: Int!): [Row!]! }
      type Row {
        id: ID! name: String! note: String code: String! city: String
        count: Int! rank: Int score: Float! active: Boolean! status: Status!
      }
    `,
    relations: { 'Query.rows': { kind: 'many', batch: 'firstRows', by: { argument: 'first' } } },
    abstractTypes: [],
    makeStore: () => {
      const rows = Array.from({ length: count }, (_, n) => makeRow(n));
      return { firstRows: async (counts) => counts.map((first) => rows.slice(0, first as number)) };
    },
    byHand: byHandOf(count),
    document: () => `{ rows(first: ${count}) { id name note code city count rank score active status } }`,
    variables: () => ({}),
    unfit: {},
  };
}

export const flat: Workload = flatOf('flat', 10_000);
