import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FusedPositions } from '../../src/execution/writer/generated/FusedPositions.ts';
import { FusedWriter } from '../../src/execution/writer/generated/FusedWriter.ts';
import { fusedBytes } from '../../src/execution/writer/generated/fusedBytes.ts';
import { fusedObjects } from '../../src/execution/writer/generated/fusedObjects.ts';
import { OutputCompiler } from '../../src/execution/writer/OutputCompiler.ts';
import { createEngine, type Engine, exit, fail } from '../../src/index.ts';
import { quote } from '../../src/utils/SourceWriter.ts';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('generated code');

const schema = buildSchema(`
  enum Mood { GOOD BAD }
  type Query { rows: [Row] }
  type Row { id: ID! text: String count: Int! share: Float open: Boolean mood: Mood next: Row }
`);

const rows = Array.from({ length: 700 }, (_, n) => ({
  id: n % 3 === 0 ? n : `r${n}`,
  text: n % 5 === 0 ? null : `Zeile "${n}" 💌`,
  count: n % 97 === 0 ? 'x' : n,
  share: n / 8,
  open: n % 2 === 0,
  mood: n % 11 === 0 ? 'ODD' : 'GOOD',
  next:
    n % 7 === 0
      ? {
          id: 1,
          count: 2,
          get text() {
            throw new Error('No text.');
          },
        }
      : null,
}));

const document = parse(
  'query ($s: Boolean = false) { rows { __typename id text count share @skip(if: $s) open mood next { id text count } } }',
);

test('begins with closures and goes on with generated code, and nobody can tell', async () => {
  const auto = createEngine({ schema });
  const never = createEngine({ schema, codegen: 'never' });
  const expected = never.executeToString({ document, rootValue: { rows } });
  for (let round = 0; round < 4; round++) {
    assert.is(auto.executeToString({ document, rootValue: { rows } }), expected);
    assert.is(JSON.stringify(auto.execute({ document, rootValue: { rows } })), expected);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(auto.prepare(document).linked.generatedFields > 0);
});

test('closures read a property once, whatever its value is', () => {
  const never = createEngine({
    schema: buildSchema('scalar Any type Query { any: Any text: String }'),
    codegen: 'never',
  });
  let reads = 0;
  const rootValue = {
    get any() {
      reads++;
      return { any: 'thing' };
    },
    get text() {
      reads++;
      return 7;
    },
  };
  const response = never.executeToString({ document: parse('{ any text }'), rootValue });
  assert.is(response, '{"data":{"any":{"any":"thing"},"text":"7"}}');
  assert.is(reads, 2);
});

test('is made at once where many rows are written before the event loop turns', () => {
  const makeFunction = globalThis.Function;
  let made = 0;
  globalThis.Function = new Proxy(makeFunction, {
    construct(target, args) {
      made++;
      return Reflect.construct(target, args);
    },
  });
  try {
    const auto = createEngine({ schema });
    const small = parse('{ rows { id open } }');
    const answers = Array.from({ length: 8 }, () => auto.executeToString({ document: small, rootValue: { rows } }));
    assert.is(made, 1);
    assert.is(new Set(answers).size, 1);
  } finally {
    globalThis.Function = makeFunction;
  }
});

test('a whole response is one function', () => {
  const { linked } = createEngine({ schema }).prepare(parse('{ rows { key: text open } }'));
  const compiler = new OutputCompiler(linked);
  assert.snapshot(
    new FusedWriter(linked, new FusedPositions(compiler), fusedBytes).write(),
    `return function writeResponse(state, value, sink) {
  const { run, path } = state;
  const { registers } = run;
  const fused0 = positions[0];
  const column2 = registers[2];
  const signals2 = run.hasSignals[2] === true;
  const fused1 = positions[1];
  let rows_3_known = Object.prototype;
  let bytes = sink.bytes, view = sink.dataView, p = sink.position, v, w;
  whole: {
    if (p + 14 > bytes.length) { grown(sink, p, 14); bytes = sink.bytes; view = sink.dataView; }
    view.setFloat64(p, 1.16442440434398e-28, true); p += 8; // {"rows":
    path[0] = "rows";
    rows_1_done: {
      const rows_1 = column2;
      if (rows_1 === null || rows_1 === undefined) {
        view.setInt32(p, 1819047278, true); p += 4; // null
        break rows_1_done;
      }
      if (typeof rows_1 !== "object" || rows_1 === null || !isArray(rows_1) || (signals2 && isSignal(rows_1))) {
        p = put(sink, elsewhere(state, fused0, rows_1, 0), p, 8, 2);
        if (p < 0) break whole;
        bytes = sink.bytes; view = sink.dataView;
        break rows_1_done;
      }
      const rows_1_start = p, rows_1_pending = state.pending.length;
      rows_1_lost: {
        if (p + 8 > bytes.length) { grown(sink, p, 8); bytes = sink.bytes; view = sink.dataView; }
        bytes[p++] = 91;
        run.request.budget?.spendRows(rows_1.length);
        try {
          for (let index_2 = 0; index_2 < rows_1.length; index_2++) {
            if (index_2 > 0) bytes[p++] = 44;
            const index_2_item = rows_1[index_2];
            path[1] = index_2;
            rows_3_done: {
              const rows_3 = index_2_item;
              if (rows_3 === null || rows_3 === undefined) {
                view.setInt32(p, 1819047278, true); p += 4; // null
                if (p + 6 > bytes.length) { grown(sink, p, 6); bytes = sink.bytes; view = sink.dataView; }
                break rows_3_done;
              }
              if (typeof rows_3 !== "object" || rows_3 === null) {
                p = put(sink, elsewhere(state, fused1, rows_3, 0), p, 0, 6);
                if (p < 0) break rows_1_lost;
                bytes = sink.bytes; view = sink.dataView;
                break rows_3_done;
              }
              w = rows_3;
              try {
                if (typeof rows_3.then === "function") w = state.promised(rows_3);
                else if ((v = getPrototypeOf(rows_3)) !== rows_3_known) {
                  w = state.unfamiliar(rows_3, v);
                  rows_3_known = state.known;
                }
              }
              catch (e) { w = failure(e); }
              if (w !== rows_3) {
                p = put(sink, looked(state, fused1, rows_3, w, 0), p, 0, 6);
                if (p < 0) break rows_1_lost;
                bytes = sink.bytes; view = sink.dataView;
                break rows_3_done;
              }
              const rows_3_start = p, rows_3_pending = state.pending.length;
              rows_3_lost: {
                if (p + 32 > bytes.length) { grown(sink, p, 32); bytes = sink.bytes; view = sink.dataView; }
                view.setInt32(p, 1701519995, true); view.setInt16(p + 4, 8825, true); bytes[p + 6] = 58; p += 7; // {"key":
                try { v = rows_3["text"]; } catch (e) { v = failure(e); }
                if (typeof v === "string") { p = string(sink, v, p, 21); bytes = sink.bytes; view = sink.dataView; }
                else if (v === null || v === undefined) {
                  view.setInt32(p, 1819047278, true); p += 4; // null
                }
                else {
                  p = put(sink, completedFound(state, field(0), rows_3, 2, v), p, 7, 21);
                  if (p < 0) break rows_3_lost;
                  bytes = sink.bytes; view = sink.dataView;
                }
                view.setFloat64(p, 1.163174479527556e-28, true); p += 8; // ,"open":
                try { v = rows_3["open"]; } catch (e) { v = failure(e); }
                if (v === true) {
                  view.setInt32(p, 1702195828, true); p += 4; // true
                }
                else if (v === false) {
                  view.setInt32(p, 1936482662, true); bytes[p + 4] = 101; p += 5; // false
                }
                else if (v === null || v === undefined) {
                  view.setInt32(p, 1819047278, true); p += 4; // null
                }
                else {
                  p = put(sink, completedFound(state, field(1), rows_3, 2, v), p, 8, 8);
                  if (p < 0) break rows_3_lost;
                  bytes = sink.bytes; view = sink.dataView;
                }
                bytes[p++] = 125;
                if (state.pending.length !== rows_3_pending) grouped(state, fused1, rows_3_pending);
                break rows_3_done;
              }
              p = put(sink, absorbed(state, fused1, rows_3, rows_3_pending), rows_3_start, 0, 6);
              if (p < 0) break rows_1_lost;
              bytes = sink.bytes; view = sink.dataView;
            }
          }
        }
        catch (e) {
          thrown(state, fused0, e);
          break rows_1_lost;
        }
        bytes[p++] = 93;
        if (p + 2 > bytes.length) { grown(sink, p, 2); bytes = sink.bytes; view = sink.dataView; }
        if (state.pending.length !== rows_1_pending) grouped(state, fused0, rows_1_pending);
        break rows_1_done;
      }
      p = put(sink, absorbed(state, fused0, rows_1, rows_1_pending), rows_1_start, 8, 2);
      if (p < 0) break whole;
      bytes = sink.bytes; view = sink.dataView;
    }
    bytes[p++] = 125;
    sink.position = p;
    state.depth = 0;
    return;
  }
  state.depth = 0;
  return BUBBLE;
}
//# sourceURL=planql:query.js
`,
  );
});

test('a whole response is one function that builds literals in literals', () => {
  const { linked } = createEngine({ schema }).prepare(parse('{ rows { key: text } }'));
  const compiler = new OutputCompiler(linked);
  assert.snapshot(
    new FusedWriter(linked, new FusedPositions(compiler), fusedObjects).write(),
    `return function writeResponse(state, value, sink) {
  const { run, path } = state;
  const { registers } = run;
  const fused0 = positions[0];
  const column2 = registers[2];
  const signals2 = run.hasSignals[2] === true;
  const fused1 = positions[1];
  let rows_3_known = Object.prototype;
  let data, v, w;
  whole: {
    let rows_0;
    path[0] = "rows";
    rows_1_done: {
      const rows_1 = column2;
      if (rows_1 === null || rows_1 === undefined) {
        rows_0 = null;
        break rows_1_done;
      }
      if (typeof rows_1 !== "object" || rows_1 === null || !isArray(rows_1) || (signals2 && isSignal(rows_1))) {
        rows_0 = elsewhere(state, fused0, rows_1, 0);
        if (rows_0 === BUBBLE) break whole;
        break rows_1_done;
      }
      const rows_1_pending = state.pending.length;
      rows_1_lost: {
        const index_2_list = [];
        run.request.budget?.spendRows(rows_1.length);
        try {
          for (let index_2 = 0; index_2 < rows_1.length; index_2++) {
            let index_2_result;
            const index_2_item = rows_1[index_2];
            path[1] = index_2;
            rows_3_done: {
              const rows_3 = index_2_item;
              if (rows_3 === null || rows_3 === undefined) {
                index_2_result = null;
                break rows_3_done;
              }
              if (typeof rows_3 !== "object" || rows_3 === null) {
                index_2_result = elsewhere(state, fused1, rows_3, 0);
                if (index_2_result === BUBBLE) break rows_1_lost;
                break rows_3_done;
              }
              w = rows_3;
              try {
                if (typeof rows_3.then === "function") w = state.promised(rows_3);
                else if ((v = getPrototypeOf(rows_3)) !== rows_3_known) {
                  w = state.unfamiliar(rows_3, v);
                  rows_3_known = state.known;
                }
              }
              catch (e) { w = failure(e); }
              if (w !== rows_3) {
                index_2_result = looked(state, fused1, rows_3, w, 0);
                if (index_2_result === BUBBLE) break rows_1_lost;
                break rows_3_done;
              }
              const rows_3_pending = state.pending.length;
              rows_3_lost: {
                let key_4;
                try { v = rows_3["text"]; } catch (e) { v = failure(e); }
                if (typeof v === "string") key_4 = v;
                else if (v === null || v === undefined) {
                  key_4 = null;
                }
                else {
                  key_4 = completedFound(state, field(0), rows_3, 2, v);
                  if (key_4 === BUBBLE) break rows_3_lost;
                }
                index_2_result = { "key": key_4 };
                if (state.pending.length !== rows_3_pending) grouped(state, fused1, rows_3_pending);
                break rows_3_done;
              }
              index_2_result = absorbed(state, fused1, rows_3, rows_3_pending);
              if (index_2_result === BUBBLE) break rows_1_lost;
            }
            index_2_list.push(index_2_result);
          }
        }
        catch (e) {
          thrown(state, fused0, e);
          break rows_1_lost;
        }
        rows_0 = index_2_list;
        if (state.pending.length !== rows_1_pending) grouped(state, fused0, rows_1_pending);
        break rows_1_done;
      }
      rows_0 = absorbed(state, fused0, rows_1, rows_1_pending);
      if (rows_0 === BUBBLE) break whole;
    }
    data = { "rows": rows_0 };
    state.depth = 0;
    return data;
  }
  state.depth = 0;
  return BUBBLE;
}
//# sourceURL=planql:query.js
`,
  );
});

test('objects of one function are those of closures: keys left out or inherited, pending positions, nulls that go up, lists that change', async () => {
  const source = buildSchema(`
    type Query { a: A list: [A!] any: [Any] }
    type A { id: ID! must: Int! next: A nexts: [A!] words: [String!] }
    type B { n: Int }
    union Any = A | B
  `);
  const operation = parse(`query ($s: Boolean = false) {
    a { id __proto__: id must @skip(if: $s) next { toString: id must } nexts { id must } words }
    list { id valueOf: id @skip(if: $s) must words }
    any { __typename ... on A { id next { must } } ... on B { n } }
  }`);
  const shrinking: object[] = [];
  const node = (id: number, must: unknown, more: object = {}): object => ({ __typename: 'A', id, must, ...more });
  shrinking.push({ id: 8, must: () => shrinking.pop() && 1 }, node(9, 1), node(10, 1));
  const growing: object[] = [];
  growing.push({ id: 11, must: () => growing.push(node(12, 1)) });
  const roots = [
    { a: node(1, 1, { next: node(2, null), nexts: [node(3, 1), node(4, null)], words: ['x', 'y'] }), list: null },
    {
      a: node(1, 'x', { next: node(2, 2) }),
      list: [node(5, 1), node(6, new Error('No.'))],
      any: [node(7, 1), { n: 1 }],
    },
    {
      a: { id: 1, must: Promise.resolve(1), next: Promise.resolve(node(2, Promise.resolve(null))) },
      list: [node(3, Promise.reject(new Error('No.')))],
    },
    {
      any: [node(1, 1), { __typename: 'B', n: 2 }, null, node(3, 1, { next: Promise.resolve(node(4, null)) })],
      a: null,
    },
    { a: node(1, 1, { words: ['x', null], nexts: new Set([node(2, 1)]) }), list: 7 },
    { a: node(1, 1, { words: [Promise.resolve('x'), 'y'] }), list: [] },
  ];
  for (const responseObjects of ['ordinary', 'null-prototype'] as const) {
    const [always, never] = (['always', 'never'] as const).map((codegen) =>
      createEngine({ schema: source, codegen, responseObjects }),
    ) as [Engine, Engine];
    for (const s of [false, true]) {
      for (const rootValue of roots) {
        const request = { document: operation, rootValue, variableValues: { s } };
        const [made, expected] = [await always.execute(request), await never.execute(request)];
        assert.equal(shown(made), shown(expected));
        assert.is(Object.getPrototypeOf(made.data), Object.getPrototypeOf(expected.data));
      }
    }
    const lists = parse('{ list { id must } }');
    for (const list of [shrinking, growing]) {
      const copies = [always, never].map((engine) => {
        const before = list.slice();
        const answer = shown(engine.execute({ document: lists, rootValue: { list } }) as ExecutionResult);
        list.splice(0, list.length, ...before);
        return answer;
      });
      assert.equal(copies[0], copies[1]);
    }
  }
});

test('objects that are not of a register are looked at as closures look: once, in order, whatever their prototypes are', async () => {
  const source = buildSchema('type Query { list: [A!] maybe: [A] } type A { id: ID! next: A nexts: [A] }');
  const operation = parse('{ list { id next { id } nexts { id } } maybe { id nexts { id } } }');
  class Own {
    constructor(readonly id: number) {}
  }
  class OwnError extends Error {
    readonly id = 1;
  }
  const failure = fail(new Error('Failed.'));
  /** All that anybody asks of an object, in order. How often its prototype is looked at depends on what was seen before. */
  const logged = (log: string[], target: object, refuses: string | null = null): object =>
    new Proxy(target, {
      get(of, key, receiver) {
        log.push(`get ${String(key)}`);
        if (refuses === key) throw new Error(`No ${String(key)}.`);
        return Reflect.get(of, key, receiver);
      },
      getPrototypeOf(of) {
        if (log.at(-1) !== 'getPrototypeOf') log.push('getPrototypeOf');
        if (refuses === 'prototype') throw new Error('No prototype.');
        return Reflect.getPrototypeOf(of);
      },
    });
  const itemsOf = (log: string[]): unknown[] => [
    { id: 1 },
    new Own(2),
    { id: 3 },
    new Own(4),
    Object.assign(Object.create(null), { id: 5 }),
    // Looks like a signal: those that are must be seen after it, too.
    Object.assign(Object.create(Object.getPrototypeOf(failure)), { id: 6 }),
    failure,
    new OwnError('An error.'),
    Object.assign(Object.create(new Error('Its prototype.')), { id: 7 }),
    logged(log, { id: 8 }),
    logged(log, new Own(9)),
    logged(log, { id: 10 }, 'then'),
    logged(log, { id: 11 }, 'prototype'),
    logged(log, new Error('Behind a proxy.')),
    logged(log, Promise.resolve({ id: 12 })),
    {
      id: 13,
      // biome-ignore lint/suspicious/noThenProperty: it looks like a promise at times
      get then() {
        log.push('then');
        return log.length < 60 ? 1 : null;
      },
    },
    // biome-ignore lint/suspicious/noThenProperty: a promise of another kind
    { id: 14, then: (onValue: (value: unknown) => void) => onValue({ id: 15 }) },
    { id: 16, next: { id: 17 }, nexts: [{ id: 18 }, new Own(19), failure, null] },
    { id: 20, next: new OwnError('Next.'), nexts: [logged(log, { id: 21 })] },
    { id: 22, next: failure, nexts: failure },
    Object.assign([], { id: 23 }),
    exit,
    new Own(24),
  ];
  const asked: (readonly unknown[])[] = [];
  for (const codegen of ['always', 'never'] as const) {
    const engine = createEngine({ schema: source, codegen });
    for (let at = 0; at < itemsOf([]).length; at++) {
      for (const isAlone of [false, true]) {
        const log: string[] = [];
        const items = (): unknown[] =>
          itemsOf(log).filter((_, index) => (isAlone ? index === at : index % 3 === at % 3));
        const answer = await engine.executeToString({
          document: operation,
          rootValue: { list: items(), maybe: items() },
        });
        const result = await engine.execute({ document: operation, rootValue: { list: items(), maybe: items() } });
        assert.is(JSON.stringify(result), answer);
        asked.push([codegen, at, isAlone, answer, log]);
      }
    }
  }
  const half = asked.length / 2;
  for (let at = 0; at < half; at++) assert.equal(asked[at]?.slice(1), asked[at + half]?.slice(1));
});

test('goes on with one function for whole responses, and nobody can tell', async () => {
  const never = createEngine({ schema, codegen: 'never' });
  const auto = createEngine({ schema });
  const roots = [
    { rows },
    { rows: null },
    { rows: [] },
    { rows: 'x' },
    { rows: [null, rows[1], 7] },
    {},
    null,
    undefined,
  ];
  const later = { rows: Promise.resolve([rows[0], Promise.resolve(rows[1]), Promise.reject(new Error('No row.'))]) };
  for (let round = 0; round < 20; round++) {
    for (const rootValue of roots) {
      assert.is(auto.executeToString({ document, rootValue }), never.executeToString({ document, rootValue }));
    }
    const variableValues = { s: round % 2 === 0 };
    const request = { document, rootValue: later, variableValues };
    assert.is(await auto.executeToString(request), await never.executeToString(request));
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('a fused writer takes back what lies around a null, and asks each getter once', () => {
  const source = buildSchema('type Query { a: A list: [A!] } type A { id: ID! must: Int! next: A nexts: [A!] }');
  const operation = parse('{ a { id must next { id must } nexts { id must } } list { id must } }');
  const answer = (codegen: 'always' | 'never'): { readonly text: unknown; readonly reads: readonly string[] } => {
    const reads: string[] = [];
    const node = (id: number, must: unknown, more: object = {}): object => ({
      id,
      get must() {
        reads.push(`must of ${id}`);
        if (must instanceof Error) throw must;
        return must;
      },
      ...more,
    });
    const nexts = [node(3, 1), node(4, null)];
    const rootValue = {
      a: node(1, 1, { next: node(2, new Error('No.')), nexts }),
      list: [node(5, 1), node(6, 'x'), node(7, 1)],
    };
    return {
      text: createEngine({ schema: source, codegen }).executeToString({ document: operation, rootValue }),
      reads,
    };
  };
  assert.equal(answer('always'), answer('never'));
  assert.match(String(answer('always').text), /"a":\{"id":"1","must":1,"next":null,"nexts":null\},"list":null/);
});

/** Text, errors and all. */
function shown(result: ExecutionResult): string {
  return JSON.stringify(result);
}

test('response keys that end with numbers are variables of their own', () => {
  const source = buildSchema('type Query { self: Query value: Int }');
  const keys = Array.from({ length: 24 }, (_, depth) => `x${['', '1', '2', '11', '_1', '_1_2'][depth % 6]}`);
  const operation = parse(keys.reduceRight((inner, key) => `{ ${key}: self ${inner} y: value }`, '{ value }'));
  const rootValue: Record<string, unknown> = { value: 1 };
  rootValue.self = rootValue;
  const [always, never] = (['always', 'never'] as const).map((codegen) =>
    createEngine({ schema: source, codegen }).executeToString({ document: operation, rootValue }),
  );
  assert.is(always, never);
});

test('any text is a string literal', () => {
  for (const text of ['"', '\\', "'", '\n', '\u2028', '</script>', '`', '__proto__', '\u0000', '\ud800']) {
    assert.is(new Function(`return ${quote(text)};`)(), text);
  }
});

test('is not made where a policy forbids it; the answers are the same', () => {
  const folder = join(repositoryRoot, '.tmp', `codegen-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const file = join(folder, 'program.mts');
    writeFileSync(
      file,
      `import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { createEngine } from 'planql';
const schema = buildSchema('type Query { rows: [Row] } type Row { n: Int }');
const args = { document: parse('{ rows { n } }'), rootValue: { rows: [{ n: 1 }, { n: 2 }] } };
let isForbidden = false;
try { new Function('return 1'); } catch { isForbidden = true; }
const engine = createEngine({ schema, codegen: 'always' });
console.log(isForbidden, engine.executeToString(args), JSON.stringify(engine.execute(args)));`,
    );
    const flags = ['--disallow-code-generation-from-strings', ...process.execArgv];
    const printed = execFileSync(process.execPath, [...flags, file], { cwd: repositoryRoot, encoding: 'utf8' });
    const answer = '{"data":{"rows":[{"n":1},{"n":2}]}}';
    assert.is(printed.trim(), `true ${answer} ${answer}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a generator that throws is counted, and told once: it costs speed only', async () => {
  const { write } = FusedWriter.prototype;
  const told: Error[] = [];
  const onWarning = (warning: Error): void => void told.push(warning);
  process.on('warning', onWarning);
  FusedWriter.prototype.write = () => {
    throw new Error('a defect');
  };
  try {
    const engine = createEngine({ schema: buildSchema('type Query { a: Int b: Int }'), codegen: 'always' });
    assert.equal(engine.stats().codegen, { failures: 0 });
    for (const operation of ['{ a }', '{ b }']) {
      const given = await engine.execute({ document: parse(operation), rootValue: { a: 1, b: 1 } });
      assert.is(given.errors, undefined);
    }
    assert.equal(engine.stats().codegen, { failures: 2 });
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    FusedWriter.prototype.write = write;
    process.off('warning', onWarning);
  }
  const own = told.filter(({ message }) => message.startsWith('Code for a plan could not be generated'));
  assert.equal(
    own.map(({ cause }) => (cause as Error).message),
    ['a defect'],
  );
});

test.run();
