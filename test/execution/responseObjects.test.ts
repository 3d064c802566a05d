import { execFileSync } from 'node:child_process';
import { buildSchema, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type EngineOptions } from '../../src/index.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';

const test = suite('objects of responses');

const schema = buildSchema(`
  directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(label: String, if: Boolean! = true, initialCount: Int = 0) on FIELD
  type Query { node: Node nodes: [Node] any: [Any] late: Node }
  type Mutation { first: Node second: Node }
  type Node { id: ID! next: Node nodes: [Node!] late: Node }
  union Any = Node | Other
  type Other { name: String late: Node }
`);

const rootValue = (): Record<string, unknown> => {
  const leaf = { id: 2 };
  const node = { id: 1, next: leaf, nodes: [leaf, leaf], late: Promise.resolve(leaf), name: 'n' };
  return {
    node,
    nodes: [node, null, node],
    any: [
      { ...node, __typename: 'Node' },
      { ...node, __typename: 'Other' },
    ],
    late: Promise.resolve(node),
    first: node,
    second: async () => node,
  };
};

const operations = {
  query:
    '{ node { id next { id } nodes { id } late { id } } nodes { __typename id } any { ... on Node { id } ... on Other { name late { id } } } late { id } }',
  conditions: 'query ($no: Boolean = false) { node { id @skip(if: $no) next @include(if: $no) { id } } }',
  'awkward keys':
    '{ __proto__: node { __proto__: id constructor: id toString: next { __proto__: next { id } } } hasOwnProperty: nodes { __proto__: late { id } } }',
  mutation: 'mutation { first { id next { id } } __proto__: second { id late { id } } }',
  deferred:
    '{ node { id ... @defer { next { id } __proto__: late { id } } } nodes @stream(initialCount: 1) { id next { id } } }',
  'deferred mutation':
    'mutation { first { id } ... @defer { __proto__: second { id } third: second { id late { id } } } }',
};

/** The objects in a response that are data, and their number. */
function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value;
  for (const key of Object.keys(value)) yield* objectsIn((value as Record<string, unknown>)[key]);
}

/** The data of a response, of all its parts. */
async function dataOf(given: unknown): Promise<unknown[]> {
  const result = (await given) as Record<string, unknown>;
  if (!('initialResult' in result)) return [result.data];
  const found = [(result.initialResult as Record<string, unknown>).data];
  for await (const { incremental = [] } of result.subsequentResults as AsyncIterable<{ incremental?: [] }>) {
    for (const { data = null, items = null } of incremental) found.push(data, items);
  }
  return found;
}

for (const codegen of ['never', 'always'] as const) {
  for (const responseObjects of ['ordinary', 'null-prototype'] as const) {
    const prototype = responseObjects === 'ordinary' ? Object.prototype : null;
    for (const [name, operation] of Object.entries(operations)) {
      test(`have the prototype that was asked for: ${responseObjects}, code generated: ${codegen}, ${name}`, async () => {
        const options: EngineOptions = { schema, codegen, responseObjects };
        const document = parse(operation);
        const run = (): unknown =>
          name.startsWith('deferred')
            ? createEngine(options).executeIncrementally({ document, rootValue: rootValue() })
            : createEngine(options).execute({ document, rootValue: rootValue() });
        const objects = [...objectsIn(await dataOf(run()))];
        assert.ok(objects.length >= 2);
        for (const object of objects) assert.is(Object.getPrototypeOf(object), prototype);
      });
    }
  }
}

test('are ordinary by default', () => {
  const result = createEngine({ schema }).execute({ document: parse('{ node { id } }'), rootValue: rootValue() });
  assert.equal(result, { data: { node: { id: '1' } } });
});

test('have every key as their own where Object.prototype is frozen', () => {
  const program = `
    import { buildSchema, parse } from 'graphql';
    import { createEngine } from './src/index.ts';
    Object.freeze(Object.prototype);
    const schema = buildSchema('type Query { a: Query b: Int }  type Mutation { a: Int }');
    for (const codegen of ['never', 'always']) for (const responseObjects of ['ordinary', 'null-prototype']) {
      const engine = createEngine({ schema, codegen, responseObjects });
      const ask = (text) => console.log(JSON.stringify(engine.execute({ document: parse(text), rootValue: { a: { b: 1 } } })));
      ask('{ toString: a { valueOf: b __proto__: b constructor: b } a { b } }');
      ask('query ($no: Boolean = false) { a { toString: b @skip(if: $no) } }');
      ask('mutation { toString: a }');
    }
  `;
  const printed = execFileSync(process.execPath, [...typescript, '--input-type=module', '-e', program], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const lines = [
    '{"data":{"toString":{"valueOf":1,"__proto__":1,"constructor":1},"a":{"b":1}}}',
    '{"data":{"a":{"toString":1}}}',
  ];
  for (let road = 0; road < 4; road++) {
    const [first, second, third] = printed
      .trim()
      .split('\n')
      .slice(road * 3, road * 3 + 3) as [string, string, string];
    assert.equal([first, second], lines);
    assert.match(third, /"toString"/);
  }
});

test.run();
