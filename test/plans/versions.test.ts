import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typescript } from '../support/repository.ts';

interface Result {
  readonly plan: { readonly definitions: Readonly<Record<string, string>> };
  readonly expected: string;
  readonly own: string;
  readonly answer: string | null;
}
type Results = Readonly<Record<string, Result>>;

const child = fileURLToPath(new URL('versionChild.ts', import.meta.url));
const preloads = {
  16: [],
  17: ['--import', fileURLToPath(new URL('../support/graphql17.mjs', import.meta.url))],
} as const;

/** What a process with this version of graphql exports, and what it answers from given plans. */
async function resultsOf(version: 16 | 17, plans: Record<string, unknown>): Promise<Results> {
  const { stdin, stdout, stderr } = spawn(process.execPath, [...typescript, ...preloads[version], child]);
  stdin.end(JSON.stringify(plans));
  const [text, problem] = await Promise.all([textOf(stdout), textOf(stderr)]);
  assert.ok(text !== '', problem);
  return JSON.parse(text) as Results;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function plansOf(results: Results): Record<string, unknown> {
  return Object.fromEntries(Object.entries(results).map(([name, { plan }]) => [name, plan]));
}

const test = suite('plans of another version of graphql');

test('plans made on graphql 16 run on 17, and those of 17 on 16 [R21]', async () => {
  const [of16, of17] = await Promise.all([resultsOf(16, {}), resultsOf(17, {})]);
  const crossed = await Promise.all([resultsOf(16, plansOf(of17)), resultsOf(17, plansOf(of16))]);
  for (const [index, results] of crossed.entries()) {
    for (const [name, { answer, own }] of Object.entries(results)) assert.is(answer, own, `${name} on ${16 + index}`);
  }
  for (const name of ['sdl', 'variables', 'code', 'introspection']) {
    const [on16, on17] = [of16[name] as Result, of17[name] as Result];
    assert.equal(on16.plan, on17.plan, name);
    assert.is(on16.own, on16.expected);
    assert.is(on17.own, on17.expected);
  }
});

test.run();
