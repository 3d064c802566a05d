import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generateBuilder } from '../../src/execution/codegen/generateBuilder.ts';
import { generateWriter } from '../../src/execution/codegen/generateWriter.ts';
import { quote } from '../../src/execution/codegen/SourceWriter.ts';
import { createEngine } from '../../src/index.ts';
import type { ObjectOutput } from '../../src/plan/Plan.ts';
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
  assert.ok((auto.prepare(document).linked.compiled?.size ?? 0) > 0);
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
    const answers = Array.from({ length: 4 }, () => auto.executeToString({ document: small, rootValue: { rows } }));
    assert.is(made, 1);
    assert.is(new Set(answers).size, 1);
  } finally {
    globalThis.Function = makeFunction;
  }
});

test('is as expected', () => {
  const { linked, plan } = createEngine({ schema }).prepare(parse('{ rows { key: text open } }'));
  const node = plan.outputs.find((output) => output.kind === 'object' && output.type === 'Row') as ObjectOutput;
  assert.snapshot(
    generateBuilder(linked, node),
    `return function buildObject(state, value, row) {
  if (typeof value !== "object") return slow(state, value, row);
  const { depth } = state;
  let v, w;
  let v0;
  try { v = value["text"]; } catch (e) { v = failure(e); }
  if (typeof v === "string") v0 = v;
  else if (v === null || v === undefined) v0 = null;
  else {
    v = completedFound(state, fields[0], value, depth, v);
    if (v === BUBBLE) return BUBBLE;
    v0 = v;
  }
  let v1;
  try { v = value["open"]; } catch (e) { v = failure(e); }
  if (typeof v === "boolean") v1 = v;
  else if (v === null || v === undefined) v1 = null;
  else {
    v = completedFound(state, fields[1], value, depth, v);
    if (v === BUBBLE) return BUBBLE;
    v1 = v;
  }
  return { "key": v0, "open": v1 };
}
//# sourceURL=planql:Row.js
`,
  );
  assert.match(generateWriter(linked, node), /v = value\["text"\];/);
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
      `import { buildSchema, parse } from 'graphql';
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

test.run();
