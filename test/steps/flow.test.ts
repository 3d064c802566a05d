import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assertNotNull,
  coalesce,
  condition,
  constant,
  context,
  error,
  get,
  inhibitIf,
  inhibitOnEmpty,
  inhibitOnNull,
  lambda,
  list,
  object,
  recordDependency,
  remapKeys,
  sideEffect,
  TRAP_ERROR,
  TRAP_ERROR_OR_INHIBITED,
  TRAP_INHIBITED,
  trap,
} from '../../steps/index.ts';
import { plain, runner } from './support.ts';

let seen: unknown[] = [];
const see = (value: unknown): string => {
  seen.push(value);
  return `seen ${value}`;
};
const fragile = (value: unknown): unknown => {
  if (value === 'bad') throw new Error('It was bad.');
  return value;
};
const problem = (value: unknown): string => (value as { error?: Error } | null)?.error?.message ?? String(value);

const run = runner({
  typeDefs: `
    type Query { rows: [Row]  never: Int  none: Int  renamed: Renamed  address: Address }
    type Mutation { one: String two: String }
    type Renamed { to: String }
    type Address { street: String }
    type Row {
      v: String  on: Boolean
      onNull: String  onNullIf: String  asserted: String  assertedIf: String  assertedInhibited: String  assertedFailed: String  inhibited: String  onEmpty: String
      trapped: String  emptied: [String]  passed: String  both: String  exitsOnly: String  trappedIf: String
      coalesced: String  isNull: Boolean  equal: Boolean  recorded: String  pair: [String]
    }
  `,
  plans: {
    Query: {
      never: () => error('Not for you.'),
      none: () => coalesce(),
      renamed: () => remapKeys(constant({ from: 'x' }), { to: 'from' }),
      address: () => object({ street: constant('Main Street') }),
    },
    Mutation: {
      one: () => sideEffect([constant(1), constant('a')], see),
      two: () => sideEffect({ b: constant(2) }, ({ b }) => see(b)),
    },
    Row: {
      onNull: ($row) => lambda(inhibitOnNull(get($row, 'v')), see),
      onNullIf: ($row) => lambda(inhibitOnNull(get($row, 'v'), { if: get($row, 'on') }), see),
      asserted: ($row) => lambda(assertNotNull(get($row, 'v'), 'There is no v.'), see),
      assertedIf: ($row) => assertNotNull(get($row, 'v'), 'There is no v.', { if: get($row, 'on') }),
      assertedInhibited: ($row) => assertNotNull(inhibitIf(get($row, 'v'), get($row, 'on')), 'It is hidden.'),
      assertedFailed: ($row) => assertNotNull(lambda(get($row, 'v'), fragile), 'There is no v.'),
      inhibited: ($row) => lambda(inhibitIf(get($row, 'v'), get($row, 'on')), see),
      onEmpty: ($row) => lambda(inhibitOnEmpty(get($row, 'v')), see),
      trapped: ($row) => trap(lambda(get($row, 'v'), fragile), TRAP_ERROR),
      emptied: ($row) => trap(list([lambda(get($row, 'v'), fragile)]), TRAP_ERROR, { valueForError: 'EMPTY_LIST' }),
      passed: ($row) =>
        lambda(trap(lambda(get($row, 'v'), fragile), TRAP_ERROR, { valueForError: 'PASS_THROUGH' }), problem),
      both: ($row) => lambda(trap(lambda(inhibitOnNull(get($row, 'v')), fragile), TRAP_ERROR_OR_INHIBITED), see),
      exitsOnly: ($row) => trap(lambda(inhibitOnNull(get($row, 'v')), fragile), TRAP_INHIBITED),
      trappedIf: ($row) => trap(lambda(get($row, 'v'), fragile), TRAP_ERROR, { if: get($row, 'on') }),
      coalesced: ($row) => coalesce(inhibitOnNull(get($row, 'v')), constant('other')),
      isNull: ($row) => condition('null', get($row, 'v')),
      equal: ($row) => condition('===', get($row, 'v'), constant('a')),
      recorded: ($row) =>
        recordDependency(
          get($row, 'v'),
          lambda(get($row, 'v'), (v) => (v === null ? null : [`v:${v}`])),
        ),
      pair: ($row) => list([get($row, 'v'), constant('!')]),
    },
  },
});

const rootValue = {
  rows: [
    { v: 'a', on: true },
    { v: null, on: false },
    null,
    { v: '', on: false },
    { v: 'bad', on: false },
    { v: null, on: true },
  ],
};
const of = (field: string): { data: unknown; errors: string[] } => {
  seen = [];
  const { data, errors } = plain(run(`{ rows { ${field} } }`, { rootValue }));
  return {
    data: (data as { rows: (Record<string, unknown> | null)[] }).rows.map((row) => (row === null ? null : row[field])),
    errors,
  };
};

const test = suite('flow');

test('inhibitOnNull: null, and nothing downstream is called', () => {
  assert.equal(of('onNull'), { data: ['seen a', null, null, 'seen ', 'seen bad', null], errors: [] });
  assert.equal(seen, ['a', '', 'bad']);
  of('onNullIf');
  assert.equal(seen, ['a', null, '', 'bad']);
});

test('assertNotNull: an error for clients', () => {
  const { data, errors } = of('asserted');
  assert.equal(data, ['seen a', null, null, 'seen ', 'seen bad', null]);
  assert.equal(errors, ['rows.1.asserted: There is no v.', 'rows.5.asserted: There is no v.']);
  assert.equal(of('assertedIf').errors, ['rows.5.assertedIf: There is no v.']);
});

test('assertNotNull: an inhibited value is null, a failure stays itself', () => {
  const { data, errors } = of('assertedInhibited');
  assert.equal(data, [null, null, null, '', 'bad', null]);
  assert.equal(
    errors,
    [0, 1, 5].map((row) => `rows.${row}.assertedInhibited: It is hidden.`),
  );
  assert.equal(of('assertedFailed').errors, [
    'rows.1.assertedFailed: There is no v.',
    'rows.4.assertedFailed: It was bad.',
    'rows.5.assertedFailed: There is no v.',
  ]);
});

test('inhibitIf and inhibitOnEmpty', () => {
  assert.equal(of('inhibited').data, [null, 'seen null', null, 'seen ', 'seen bad', null]);
  assert.equal(of('onEmpty').data, ['seen a', null, null, null, 'seen bad', null]);
  assert.equal(seen, ['a', 'bad']);
});

test('trap: failures and early exits become values', () => {
  assert.equal(of('trapped'), { data: ['a', null, null, '', null, null], errors: [] });
  assert.equal(of('emptied').data, [['a'], [null], null, [''], [], [null]]);
  assert.equal(of('passed').data, ['a', 'null', null, '', 'It was bad.', 'null']);
  assert.equal(of('both').data, ['seen a', 'seen null', null, 'seen ', 'seen null', 'seen null']);
  assert.equal(of('exitsOnly').errors, ['rows.4.exitsOnly: It was bad.']);
  assert.equal(of('trappedIf').errors, ['rows.4.trappedIf: It was bad.']);
});

test('coalesce, condition, list', () => {
  assert.equal(of('coalesced').data, ['a', 'other', null, '', 'bad', 'other']);
  assert.equal(plain(run('{ none }')).data, { none: null });
  assert.equal(of('isNull').data, [false, true, null, false, false, true]);
  assert.equal(of('equal').data, [true, false, null, false, false, false]);
  assert.equal(of('pair').data, [['a', '!'], [null, '!'], null, ['', '!'], ['bad', '!'], [null, '!']]);
});

test('error, remapKeys, object', () => {
  assert.equal(plain(run('{ never renamed { to } address { street } }')), {
    data: { never: null, renamed: { to: 'x' }, address: { street: 'Main Street' } },
    errors: ['never: Not for you.'],
  });
});

test('remapKeys: a getter that throws fails its row; a promise that nobody reads is watched', async () => {
  const rejected: unknown[] = [];
  const note = (reason: unknown): number => rejected.push(reason);
  process.on('unhandledRejection', note);
  const rows = [
    { id: 1 },
    {
      get id(): number {
        throw new Error('no id');
      },
    },
    {
      get id(): Promise<number> {
        return Promise.reject(new Error('late'));
      },
    },
  ];
  const width = (row: object | null): number => Object.keys(row ?? {}).length;
  const remapped = runner({
    typeDefs: 'type Query { rows: [Row] } type Row { width: Int }',
    plans: {
      Query: { rows: () => get(context(), 'rows') },
      Row: { width: ($row) => lambda(remapKeys($row, { to: 'id' }), width) },
    },
  });
  assert.equal(plain(remapped('{ rows { width } }', { context: { rows } })), {
    data: { rows: [{ width: 1 }, { width: null }, { width: 1 }] },
    errors: ['rows.1.width: no id'],
  });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  process.off('unhandledRejection', note);
  assert.equal(rejected, []);
});

test('recordDependency: passes values on', () => {
  const keys: string[] = [];
  const { data } = plain(run('{ rows { recorded } }', { rootValue, recordDependency: (key) => keys.push(key) }));
  assert.equal((data as { rows: unknown[] }).rows[0], { recorded: 'a' });
  assert.equal(keys, ['m:v:a', 'm:v:', 'm:v:bad']);
});

test('sideEffect: tuples and records; each runs, in order', () => {
  seen = [];
  assert.equal(plain(run('mutation { one again: one two }')).data, {
    one: 'seen 1,a',
    again: 'seen 1,a',
    two: 'seen 2',
  });
  assert.equal(seen, [[1, 'a'], [1, 'a'], 2]);
});

test.run();
