import { parse, validateSchema, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { type Calls, nexusSchema, pothosSchema } from './codeFirst.ts';

const test = suite('code-first schemas');

/** Nexus is made for graphql 15 and 16: with 17 it makes no valid schema. */
const libraries = versionInfo.major < 17 ? { Pothos: pothosSchema, Nexus: nexusSchema } : { Pothos: pothosSchema };

for (const [library, make] of Object.entries(libraries)) {
  test(`${library}: plans in "extensions" are planned, resolvers beside them run`, async () => {
    const schema = make();
    assert.equal(validateSchema(schema), []);
    const context: Calls & { viewer: string } = { calls: [], viewer: 'me' };
    const engine = createEngine({ schema });
    const document = parse(
      '{ viewer authors { shout books { title author { name } } } books { title author { id } } }',
    );
    const { data, errors } = await engine.execute({ document, contextValue: context });
    assert.is(errors, undefined);
    const expected = {
      viewer: 'me',
      authors: [
        {
          shout: 'ADA!',
          books: [
            { title: 'Engines', author: { name: 'Ada' } },
            { title: 'Notes', author: { name: 'Ada' } },
          ],
        },
        { shout: 'ZOË!', books: [{ title: 'Été', author: { name: 'Zoë' } }] },
      ],
      books: [
        { title: 'Engines', author: { id: '1' } },
        { title: 'Notes', author: { id: '1' } },
        { title: 'Été', author: { id: '2' } },
      ],
    };
    assert.is(JSON.stringify(data), JSON.stringify(expected));
    assert.equal(context.calls, ['authors 1,2', 'books of 1,2'], 'one call a loader, however many rows');
  });

  test(`${library}: fields without resolver or plan are read, not resolved`, () => {
    const engine = createEngine({ schema: make() });
    const plan = engine.prepare(parse('{ authors { id name } }')).plan;
    const resolvers = plan.steps.filter(({ op }) => op === 'resolve').map(({ coordinate }) => coordinate);
    assert.equal(resolvers, []);
  });
}

test.run();
