import { type ASTNode, type DocumentNode, execute as graphqlExecute, Kind, parse, print, visit } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { documentText } from '../../src/schema/documentText.ts';
import { schemaOf } from '../conformance/schemaOf.ts';

const everything = /* GraphQL */ `
  # All that an operation may consist of,
  query Everything($a: [Int!]! = [1, 2] @known, $b: In = { x: { y: "text" }, z: RED }, $c: String) @known(when: true) {
    alias: field(a: $a, b: -1.5e3, c: """block""", d: null) @include(if: $c) { id, ...F @skip(if: false) }
    ... on Query @defer(label: "later") { other(list: [[], {}]) }
    ... { last }
  }
  fragment F on Thing @known { id }
  mutation { do }
  subscription Events { events }
`;

const test = suite('the text of a document');

test('is the one that it was parsed from', () => {
  for (const text of [everything, '{ a }', 'query { a }', '{ a # comment\n }\n# last\n']) {
    assert.is(documentText(parse(text)), text);
  }
});

test('is what it prints as, where there is none or not all of it is known', () => {
  const document = parse(everything);
  const { loc, ...withoutText } = document;
  // As graphql-tag leaves it.
  const withoutTokens = { ...document, loc: { start: 0, end: everything.length, source: loc?.source } };
  for (const one of [parse(everything, { noLocation: true }), withoutText, withoutTokens]) {
    assert.is(documentText(one as DocumentNode), print(document));
  }
});

test('is what it prints as, once anything of it was changed', () => {
  const document = parse(everything);
  const nodes: ASTNode[] = [];
  visit(document, { enter: (node) => void nodes.push(node) });
  assert.ok(nodes.length > 100);
  for (const changed of nodes) {
    for (const change of [removed, renamed, repeated]) {
      const edited = editedAt(document, changed, change);
      if (edited !== null) assert.is(documentText(edited), print(edited), `${change.name} ${changed.kind}`);
    }
  }
});

type Change = (node: ASTNode) => unknown;

/** The document with one node of it changed; null where that is no change, or leaves nothing that could be printed. */
function editedAt(document: DocumentNode, changed: ASTNode, change: Change): DocumentNode | null {
  try {
    const edited = visit(document, { enter: (node) => (node === changed ? change(node) : undefined) });
    return edited === null || edited === document || print(edited) === print(document) ? null : edited;
  } catch {
    return null;
  }
}

const removed: Change = () => null;

const renamed: Change = (node) =>
  'value' in node && typeof node.value !== 'object'
    ? { ...node, value: typeof node.value === 'boolean' ? !node.value : `${node.value}1` }
    : undefined;

/** A selection that is there twice. */
const repeated: Change = (node) =>
  node.kind === Kind.SELECTION_SET ? { ...node, selections: [...node.selections, node.selections[0]] } : undefined;

test('is found of documents that are as deep as they can be parsed', () => {
  for (const depth of [400, 1_200]) {
    for (const text of [
      `${'{a'.repeat(depth)}${'}'.repeat(depth)}`,
      `{a(x:${'['.repeat(depth)}${']'.repeat(depth)})}`,
    ]) {
      const document = parse(text);
      assert.ok([text, print(document)].includes(documentText(document)));
    }
  }
});

test('tells plans apart: a document that was changed is not answered as the one that it was made of', async () => {
  const schema = schemaOf('type Query { a: Int secret: Int of(x: Int): Int }', {
    Query: { fields: { of: (_root, { x }) => x } },
  });
  const rootValue = { a: 1, secret: 2 };
  const original = parse('{ a secret of(x: 1) }');
  const changed = visit(original, {
    Field: ({ name }) => (name.value === 'secret' ? null : undefined),
    IntValue: (node) => ({ ...node, value: '5' }),
  });
  for (const documents of [
    [original, changed],
    [changed, original],
  ]) {
    const engine = createEngine({ schema });
    for (const document of documents) {
      const expected = document === changed ? { a: 1, of: 5 } : { a: 1, secret: 2, of: 1 };
      const executor = createEngine({ schema });
      executor.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
      for (const one of [engine, executor]) {
        const { data } = await one.execute({ document, rootValue });
        assert.equal(JSON.parse(JSON.stringify(data)), expected);
        assert.is(one.stats().planCache.plans > 0, true);
      }
      assert.is(executor.stats().planCache.misses, 0, 'the plan is found by its document');
    }
  }
});

test('conditions of a fragment that was changed are looked at, though the operation is the same node', () => {
  const engine = createEngine({ schema: schemaOf('type Query { a: Int }', {}), responseObjects: 'null-prototype' });
  const original = parse('query ($if: Boolean = true) { ...F } fragment F on Query { a @include(if: true) }');
  const changed = visit(original, {
    Argument: (node) => ({ ...node, value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'if' } } as const }),
  });
  assert.is(changed.definitions[0], original.definitions[0]);
  const request = { rootValue: { a: 1 }, variableValues: { if: null } };
  assert.equal(
    engine.execute({ document: original, ...request }),
    graphqlExecute({ schema: engine.schema, document: original, ...request }),
  );
  const answers = [engine.execute, graphqlExecute].map((execute) =>
    JSON.stringify(execute({ schema: engine.schema, document: changed, ...request })),
  );
  assert.is(answers[0], answers[1]);
});

test.run();
