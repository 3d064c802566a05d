import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KvetchSchemaError } from '../../src/kvetch/errors.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../src/kvetch.ts';
import { rejection, todoSchema } from './todo.ts';

const test = suite('kvetch schema');

/** The problems of a schema that may be anything at all. */
function problems(config: unknown): readonly string[] {
  try {
    defineKvetchSchema(config as Parameters<typeof defineKvetchSchema>[0]);
  } catch (error) {
    if (error instanceof KvetchSchemaError) return error.problems;
    throw error;
  }
  return [];
}

const user = { typeId: 1, name: 'User', fields: { name: 'string', boss: 'uuid', age: 'int' } };

test('definitions are found by number, by name and by themselves', () => {
  const edge = todoSchema.edge('user_to_list');
  assert.is(todoSchema.edge(10000), edge);
  assert.is(todoSchema.edge(edge), edge);
  assert.is(todoSchema.type(100000).name, 'User');
  assert.is(todoSchema.index(7).name, 'tags');
  assert.throws(
    () => todoSchema.edge('user_to_lst'),
    'The Kvetch schema has no edge "user_to_lst". Did you mean "user_to_list"?',
  );
  assert.throws(() => todoSchema.type(5), 'The Kvetch schema has no object type 5.');
  assert.throws(() => todoSchema.index('__proto__'), /has no index/);
});

test('all problems at once, each with its place', () => {
  assert.equal(
    problems({
      objects: [
        user,
        { typeId: 1, name: 'Other' },
        { typeId: 2, name: 'User' },
        { typeId: 0, name: '' },
        { typeId: 3, name: 'R', fields: { id: 'json', x: 'wobble' } },
      ],
      edges: [
        { edgeId: 1, name: 'a', from: 'Usr', storedOn: 'User', storedIdAttr: 'bos' },
        { edgeId: 1, name: 'a', from: 'User', storedOn: 'User', storedIdAttr: 'age' },
        { edgeId: 2, name: 'b', from: 'User', to: 'User', storedIdAttr: 'boss' },
        { edgeId: 3, name: 'c', from: 'User', to: 'User', storedOn: 'User', storedIdAttr: '__x' },
      ],
      indexes: [
        { name: 'Name', type: 'User', attr: 'name', kind: 'string' },
        { name: 'n', type: 'User', attr: 'name', kind: 'int' },
        { name: 'm', type: 'User', kind: 'text', unique: true },
        { name: 'o', type: 'User', attr: 'nam' },
        { name: 'p', type: 'User' },
      ],
    }),
    [
      'The object type "Other" has the typeId 1 of "User".',
      'Two object types have the name "User".',
      'One object type has the name "", which is no text.',
      'The object type "" has the typeId 0, which is no integer from 1 to 4294967295.',
      'Two edges have the name "a".',
      'The edge "a" has the edgeId 1 of "a".',
      'The field "R.id" has a name that is reserved for the store.',
      'The field "R.x" has the kind "wobble", which is none of string, int, float, bool, uuid, date, bytes, json.',
      'The edge "a", "from", names the object type "Usr", which does not exist. Did you mean "User"?',
      'The edge "a", "storedIdAttr", names "bos", which is no field of "User". Did you mean "boss"?',
      'The edge "a", "storedIdAttr", names "User.age", which is of kind "int" and must be "uuid".',
      'The edge "b" has a "storedIdAttr" but no "storedOn".',
      'The edge "c" has both "storedOn" and "to": it is either derived or plain.',
      'The edge "c", "storedIdAttr", is "__x", a name that is reserved for the store.',
      'The edge "c", "storedIdAttr", names "__x", which is no field of "User".',
      'The index "Name" must have a name of at most 41 lower-case letters, digits and "_", starting with a letter.',
      'The index "n", "attr", names "User.name", which is of kind "string" and must be "int".',
      'The index "m" has the kind "text", which is none of string, int, uuid, date, bool.',
      'The index "m" is unique and so needs an "attr" or "attrs".',
      'The index "o", "attr", names "nam", which is no field of "User". Did you mean "name"?',
      'The index "p" has no kind: give one of string, int, uuid, date, bool.',
    ],
  );
});

test('a key that means nothing is named, in each kind of definition', () => {
  assert.equal(
    problems({
      objects: [
        { typeId: 1, name: 'User', atributes: {}, fields: { boss: 'uuid' } },
        { typeId: 2, name: 'Team', fields: { lead: { kind: 'uuid', requird: true } } },
      ],
      edges: [
        { edgeId: 1, name: 'staff', from: 'User', storedOn: 'User', storedIdAttr: 'boss', ondelete: 'delete' },
        { edgeId: 2, name: 'friends', from: 'User', to: 'User', colocate: true },
      ],
      indexes: [{ name: 'boss', type: 'User', attr: 'boss', uniqe: true }],
      indices: [],
    }),
    [
      'The schema has "indices", which is none of objects, edges, indexes. Did you mean "indexes"?',
      'The type "User" has "atributes", which is none of typeId, name, fields, expiresAt.',
      'The field "Team.lead" has "requird", which is none of kind, required. Did you mean "required"?',
      'The edge "staff" has "ondelete", which is none of edgeId, name, from, to, fields, storedOn, storedIdAttr, colocate, mustExist, onDelete, where, orderBy. Did you mean "onDelete"?',
      'The edge "friends" has a "colocate" but no "storedOn".',
      'The index "boss" has "uniqe", which is none of name, indexId, type, attr, attrs, kind, unique, where, orderBy, parts. Did you mean "unique" or "name"?',
    ],
  );
});

test('believes nothing', () => {
  assert.equal(problems(null), ['"objects" must be a list of definitions.']);
  assert.equal(problems({ objects: [null], edges: 7, indexes: [] }), [
    '"objects" has 1 entry(ies) that are no definitions.',
    '"edges" must be a list of definitions.',
  ]);
  assert.equal(problems({ objects: [{ typeId: '1', name: 'A' }] }), [
    'The object type "A" has the typeId "1", which is no integer from 1 to 4294967295.',
  ]);
});

test('an index of one declared attribute takes its kind from the field', async () => {
  const schema = defineKvetchSchema({
    objects: [{ typeId: 1, name: 'User', fields: { age: 'int' } }],
    indexes: [
      { name: 'by_age', type: 'User', attr: 'age' },
      { name: 'adults', type: 'User', attr: 'age', orderBy: ['age'] },
    ],
  });
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const id = await kvetch.createObject('User', { age: 7 });
  assert.equal((await kvetch.queryIndex('by_age', 7)).ids, [id]);
  assert.equal((await kvetch.queryIndex('adults', 7, { range: { age: { from: 1 } } })).ids, [id]);
  // @ts-expect-error the attribute is an integer
  assert.match((await rejection(kvetch.queryIndex('by_age', 'seven'))).message, 'by_age');
});

test.run();
