import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { ExplainFormat } from '../../src/engine/explain.ts';
import { repositoryRoot } from '../support/repository.ts';
import { operations, request, schema } from './library.ts';

const explain = suite('explain');
const formats: readonly ExplainFormat[] = ['text', 'mermaid', 'json'];

const later = /* GraphQL */ `
  query Later($id: ID!, $count: Int!, $on: Boolean!) {
    book(id: $id) {
      title
      ... @defer(label: "loud") { loud title id @include(if: $on) }
      ... @defer(if: $on) { id like(first: 3) @stream(initialCount: 1, label: "likes") { loud } }
    }
    books(ids: [$id]) @stream(initialCount: $count, if: $on) { id ... on Novel @defer { year } }
  }
`;
const explained: Readonly<Record<string, string | undefined>> = { ...operations, later };

for (const name of ['one', 'rename', 'arrived', 'later']) {
  /** `UPDATE_GOLDENS=1 npm test -- plans/explain` writes them anew. */
  explain(`${name} in each format is as it was`, () => {
    const engine = createEngine({ schema });
    const prepared = engine.prepare(parse(explained[name] as string), null, { branches: 'all' });
    for (const format of formats.slice(0, 2)) {
      const file = join(repositoryRoot, 'test/plans/explain', `${name}.${format}.txt`);
      const text = prepared.explain(format);
      if (process.env.UPDATE_GOLDENS === '1') writeFileSync(file, text);
      assert.fixture(text, readFileSync(file, 'utf8'));
    }
    assert.equal(JSON.parse(prepared.explain('json')).plan, JSON.parse(JSON.stringify(prepared.plan)));
  });
}

explain('what running showed is in each format', async () => {
  const engine = createEngine({ schema });
  const args = { document: parse(operations.one as string), ...request, analyze: true };
  assert.match(await engine.explain(args), /loadOne library\.bookById.*\[1 call, 1 row, [\d.]+ ms\]/);
  assert.match(await engine.explain({ ...args, format: 'mermaid' }), /loadOne library\.bookById.*<br\/>1 call, 1 row"/);
  const { plan, measured } = JSON.parse(await engine.explain({ ...args, format: 'json' }));
  const load = plan.steps.findIndex(({ op }: { op: string }) => op === 'loadOne');
  assert.equal([measured[load].calls, measured[load].rows], [1, 1]);
});

explain('what a request would be refused for is thrown', () => {
  const engine = createEngine({ schema });
  assert.throws(() => engine.explain({ document: parse(operations.one as string) }), /Variable "\$id"/);
});

explain.run();
