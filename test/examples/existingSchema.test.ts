import { buildSchema, lexicographicSortSchema, parse, printSchema, validateSchema } from 'graphql';
import { createEngine, execute, exportPlan, importPlan } from 'planql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { document, run } from '../../examples/existing-schema/main.ts';
import { typeDefs } from '../../examples/existing-schema/resolvers.ts';
import { originalSchema, schemaWith, stages } from '../../examples/existing-schema/schema.ts';
import { Source } from '../../examples/existing-schema/source.ts';
import { plain, printed } from './printed.ts';

const test = suite('examples/existing-schema');
const everything = stages['all plans'] ?? [];

test('every stage gives the answer of graphql-js, with fewer calls the more was moved', async () => {
  const runs = await run();
  assert.is(runs.length, 4);
  for (const { name, result } of runs) {
    assert.equal(plain(result), plain(runs[0]?.result), name);
    assert.not('errors' in result, name);
  }
  assert.equal(
    runs.map(({ calls }) => calls),
    [92, 92, 18, 4],
  );
});

test('any order of moving fields gives the same answer', async () => {
  const expected = plain((await run())[0]?.result);
  for (let moved = 0; moved < 2 ** everything.length; moved++) {
    const fields = everything.filter((_, index) => moved & (1 << index));
    const contextValue = { source: new Source() };
    const result = await execute({ schema: schemaWith(fields), document, contextValue });
    assert.equal(plain(result), expected, fields.join());
  }
});

test('the plans are portable', async () => {
  const schema = schemaWith(everything);
  const contextValue = { source: new Source() };
  const prepared = createEngine({ schema }).prepare(document);
  const expected = plain(await prepared.execute({ contextValue })); // plans the types that are met
  const imported = importPlan(schema, plain(exportPlan(prepared)));
  assert.equal(plain(await imported.execute({ contextValue })), expected);
});

test('what is not there is null, and what is of another type too', async () => {
  const document = parse(
    '{ human(id: "2001") { name } droid(id: "2001") { name primaryFunction } hero { name } no: human(id: "9") { id } }',
  );
  for (const schema of [originalSchema(), schemaWith(everything)]) {
    const result = await execute({ schema, document, contextValue: { source: new Source() } });
    assert.equal(plain(result), {
      data: { human: null, droid: { name: 'R2-D2', primaryFunction: 'Astromech' }, hero: { name: 'R2-D2' }, no: null },
    });
  }
});

test('all stages are the schema that it was', () => {
  const expected = printSchema(lexicographicSortSchema(buildSchema(typeDefs)));
  for (const schema of [originalSchema(), ...Object.values(stages).map(schemaWith)]) {
    assert.equal(validateSchema(schema), []);
    assert.is(printSchema(lexicographicSortSchema(schema)), expected);
  }
});

test('npm run example:existing-schema', async () => {
  const output = await printed('example:existing-schema');
  assert.match(output, /graphql-js +92 calls to the data source, the same answer/);
  assert.match(output, /planql, half +18 calls to the data source, the same answer/);
  assert.match(output, /planql, all plans +4 calls to the data source, the same answer/);
  assert.match(output, /loadOne starWars\.characterById/);
});

test.run();
