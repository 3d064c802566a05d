import { buildSchema, type GraphQLScalarType, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';

const test = suite('leaves that JSON shows otherwise than they are');

const schema = buildSchema(`
  scalar Any
  type Query { a: A list: [A!] }
  type A { id: ID! any: Any must: Any! anys: [Any] late: Int next: A text: String f: Float }
`);
(schema.getType('Any') as GraphQLScalarType).serialize = (value: unknown) => value;

const document = parse(`{
  first: a { id any late must }
  list { id any anys late f text must }
  a { anys __proto__: any toString: any next { must } }
}`);

let keys: string[] = [];
const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const leaves: Readonly<Record<string, () => unknown>> = {
  'a big integer': () => 10n,
  'a cycle': () => cyclic,
  'toJSON that throws': () => ({
    toJSON() {
      throw new Error('No JSON.');
    },
  }),
  'toJSON that looks at the key': () => ({
    toJSON(key: string) {
      keys.push(key);
      return `key ${key}`;
    },
  }),
  'toJSON without a value': () => ({ toJSON: () => undefined }),
  'toJSON that is null': () => ({ toJSON: () => null }),
  'toJSON that is no function': () => ({ 2: '\udc00', 1: [undefined, () => 1], toJSON: 'text' }),
  'a symbol': () => Symbol('x'),
  'a map': () => new Map([[1, 2]]),
  'a date': () => new Date(0),
  'no number': () => Number.NaN,
  'an infinite number': () => Number.NEGATIVE_INFINITY,
  'a negative zero': () => -0,
  'half a character': () => '\ud800x',
  'a boxed text': () => Object('boxed'),
  'a promise of a big integer': () => Promise.resolve({ x: 1n }),
  'a promise of an object': () => Promise.resolve({ x: [1] }),
  'a key like the prototype': () => JSON.parse('{"__proto__":{"a":1},"b":2}'),
  'a number as it was written': () => (JSON as unknown as { rawJSON?(text: string): unknown }).rawJSON?.('1.00') ?? 1,
};

for (const [name, make] of Object.entries(leaves)) {
  test(`${name}: bytes and text are the same by closures and generated code, with holes and without [R17, 4.12.12]`, async () => {
    for (const hasHoles of [false, true]) {
      for (const field of ['any', 'must', 'anys']) {
        const node = (more: object = {}): object => ({
          ...{ id: 1, any: 1, must: 2, anys: [1, 2], f: -0, text: 'é\ud800"\n' },
          late: hasHoles ? () => Promise.resolve(7) : 7,
          next: hasHoles ? Promise.resolve({ must: 3 }) : { must: 3 },
          ...more,
        });
        const odd = (): object => ({ [field]: field === 'anys' ? [1, make(), 2] : make() });
        const rootValue = (): object => ({ a: node(odd()), list: [node(), node(odd())] });
        const answers = new Set<string>();
        for (const codegen of ['never', 'always'] as const) {
          const engine = createEngine({ schema, codegen });
          for (let round = 0; round < 3; round++) {
            keys = [];
            answers.add(`${await engine.executeToString({ document, rootValue: rootValue() })}${keys}`);
            keys = [];
            const bytes = await engine.executeToBuffer({ document, rootValue: rootValue() });
            answers.add(`${Buffer.from(bytes)}${keys}`);
          }
        }
        keys = [];
        const result = await createEngine({ schema, codegen: 'always' }).execute({ document, rootValue: rootValue() });
        const expected = jsonOf(result);
        if (expected !== null) answers.add(`${expected}${keys}`);
        assert.is(answers.size, 1, `${field}${hasHoles ? ', with holes' : ''}: ${[...answers].join('\n')}`);
      }
    }
  });
}

/** Null where `JSON.stringify` throws: the failure is one of the leaf, and the rest of the response is there. */
function jsonOf(result: unknown): string | null {
  try {
    return JSON.stringify(result);
  } catch {
    return null;
  }
}

test('a leaf whose JSON fails nulls its position, and no other', () => {
  const rootValue = { a: { any: 10n, must: 1 } };
  for (const codegen of ['never', 'always'] as const) {
    const text = createEngine({ schema, codegen }).executeToString({
      document: parse('{ a { any must } }'),
      rootValue,
    });
    const { data, errors } = JSON.parse(text as string);
    assert.equal(data, { a: { any: null, must: 1 } });
    assert.is(errors.length, 1);
  }
});

test.run();
