import type { Invalid } from './invalid.ts';

/** Schemas of hostile authors: names of everything else, wrong defaults, circles, what a merge leaves. */
export const hostile: readonly Invalid[] = [
  [
    'custom field typeId',
    'type Note @pent(typeId: 1) { id: UUID! typeId(class: Int, default: String): String @custom } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:77 - Note.typeId is String. Every object has it as Int!: write that.',
      '1:84 - Note.typeId is on every object. Take @custom away.',
    ],
  ],
  [
    'stored id typeId',
    'type Note @pent(typeId: 1) { id: UUID! typeId: Note @genFromStoredId list(first: Int! = 1, after: UUID): [Note!]! @edgeToStoredId(edgeName: "e", edgeId: 1, field: "typeId") } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:48 - Note.typeId is Note. Every object has it as Int!: write that.',
      '1:53 - Note.typeId is on every object. Take @genFromStoredId away.',
    ],
  ],
  [
    'stored id state',
    'type Note @pent(typeId: 1) { id: UUID! state: Note @genFromStoredId list(first: Int! = 1, after: UUID): [Note!]! @edgeToStoredId(edgeName: "e", edgeId: 1, field: "state") } type Query { note(id: UUID!): Note @readPent }',
    ['1:52 - Note.state cannot store its id in "state". Name an attribute, such as "stateId".'],
  ],
  [
    'root planned constructor',
    'type Query { constructor(a: Int): String @customGen }',
    ['1:14 - Query.constructor has a name that classes use for something else. Rename the field.'],
  ],
  [
    'custom field constructor',
    'type Note @pent(typeId: 1) { id: UUID! constructor(class: Int, default: String): String @custom } type Query { note(id: UUID!): Note @readPent }',
    ['1:40 - Note.constructor has a name that objects use for something else. Rename the field.'],
  ],
  [
    'unicode type name',
    'type N\u00f6te @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:7 - Syntax Error: Unexpected character: U+00F6. Names are made of A-Z, a-z, 0-9 and _; texts are in quotes.'],
  ],
  [
    'unicode field',
    'type Note @pent(typeId: 1) { id: UUID! gr\u00f6\u00dfe: Int } type Query { note(id: UUID!): Note @readPent }',
    ['1:42 - Syntax Error: Unexpected character: U+00F6. Names are made of A-Z, a-z, 0-9 and _; texts are in quotes.'],
  ],
  [
    'lone surrogate in description',
    '"\\uD800" type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:2 - Syntax Error: Invalid Unicode escape sequence: "\\uD800".'],
  ],
  [
    'a null character',
    'type Note @pent(typeId: 1) { id: UUID! t: String }\u0000 type Query { note(id: UUID!): Note @readPent }',
    ['1:51 - Syntax Error: Unexpected character: U+0000. Names are made of A-Z, a-z, 0-9 and _; texts are in quotes.'],
  ],
  [
    'an edge name with a mark that turns it round',
    'type Note @pent(typeId: 1) { id: UUID! p: UUID l(first: Int! = 1, after: UUID): [Note!]! @edgeToStoredId(edgeName: "a\u202eb", edgeId: 1, field: "p") } type Query { note(id: UUID!): Note @readPent }',
    ['1:116 - The edge name "a\u202eb" of Note.l must be letters, digits and "_", beginning with a letter.'],
  ],
  [
    'cyclic interfaces',
    'interface A implements B { id: UUID! } interface B implements A { id: UUID! } type Note implements A & B @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:24 - Type B cannot implement A because it would create a circular reference. Take "implements" away.',
      '1:63 - Type A cannot implement B because it would create a circular reference. Take "implements" away.',
    ],
  ],
  [
    'self interface',
    'interface A implements A { id: UUID! } type Note implements A @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:24 - Type A cannot implement itself because it would create a circular reference. Take "implements" away.'],
  ],
  [
    'interface chain',
    'interface A { id: UUID! } interface B implements A { id: UUID! } type Note implements B @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:50 - Type Note must implement A because it is implemented by B.'],
  ],
  [
    'interface without implementors',
    'interface A { id: UUID! } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { a(id: UUID!): A @readPent }',
    ['1:105 - Query.a reads A, which is not marked @pent.'],
  ],
  [
    'cyclic input defaults',
    'input I { i: I = {} } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I): Note @custom }',
    ['1:18 - The default of I.i leads back to I. Take it away.'],
  ],
  [
    'default input cycle',
    'input I { a: Int = 1 i: I = {i: {}} } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I): Note @custom }',
    ['1:29 - The default of I.i leads back to I. Take it away.'],
  ],
  [
    'union of union',
    'union U = Note union V = U type Note @pent(typeId: 1) { id: UUID! t: String } type Query { v: V @custom }',
    [
      '1:26 - Union type V can only include Object types, it cannot include U. Take it out, or name the types that have it.',
    ],
  ],
  [
    'union of scalar',
    'union U = String type Note @pent(typeId: 1) { id: UUID! t: String } type Query { u: U @custom }',
    [
      '1:11 - Union type U can only include Object types, it cannot include String. Take it out, or name the types that have it.',
    ],
  ],
  [
    'interface twice',
    'interface A { id: UUID! } type Note implements A & A @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:48 - Type Note can only implement A once.'],
  ],
  [
    'pent directive in both',
    'type Note @pent(typeId: 1) { id: UUID! } extend type Note @pent(typeId: 2) { t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:11 - The directive "@pent" can only be used once at this location. Take one away.'],
  ],
  [
    'renamed twice',
    'type Note @pent(typeId: 1) { id: UUID! t: String @renamed(from: "a") @renamed(from: "b") } type Query { note(id: UUID!): Note @readPent }',
    ['1:50 - The directive "@renamed" can only be used once at this location. Take one away.'],
  ],
  [
    'renamed from itself',
    'type Note @pent(typeId: 1) { id: UUID! a: String @renamed(from: "a") } type Query { note(id: UUID!): Note @readPent }',
    ['1:65 - Note.a is renamed from a, which is still a field. Take one of them away.'],
  ],
  [
    'renamed from two',
    'type Note @pent(typeId: 1) { id: UUID! a: String @renamed(from: "c") b: String @renamed(from: "c") } type Query { note(id: UUID!): Note @readPent }',
    ['1:95 - Note.b is renamed from c, and so is Note.a. Take one of them away.'],
  ],
  [
    'renamed from weird',
    'type Note @pent(typeId: 1) { id: UUID! a: String @renamed(from: "x\'] = 1; //") } type Query { note(id: UUID!): Note @readPent }',
    ['1:65 - Note.a is renamed from "x\'] = 1; //", which is no name.'],
  ],
  [
    'default string for int',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(a: Int = "x"): Note @custom }',
    ['1:79 - The default of "a" in Query.note is "x", which is no Int. Write one, or take it away.'],
  ],
  [
    'default int overflow',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(a: Int = 99999999999): Note @custom }',
    ['1:79 - The default of "a" in Query.note is 99999999999, which is no Int. Write one, or take it away.'],
  ],
  [
    'default bad uuid',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID! = "nonsense"): Note @readPent }',
    ['1:82 - The default of "id" in Query.note is "nonsense", which is no UUID!. Write one, or take it away.'],
  ],
  [
    'default bad date',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(d: DateTime = "yesterday"): Note @custom }',
    ['1:84 - The default of "d" in Query.note is "yesterday", which is no DateTime. Write one, or take it away.'],
  ],
  [
    'default null nonnull',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(a: Int! = null): Note @custom }',
    ['1:80 - The default of "a" in Query.note is null, which is no Int!. Write one, or take it away.'],
  ],
  [
    'default enum string',
    'enum E { A } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(a: E = "A"): Note @custom }',
    ['1:90 - The default of "a" in Query.note is "A", which is no E. Write one, or take it away.'],
  ],
  [
    'default list',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(a: [Int!]! = [1, null]): Note @custom }',
    ['1:83 - The default of "a" in Query.note is [1, null], which is no [Int!]!. Write one, or take it away.'],
  ],
  [
    'default object missing',
    'input I { a: Int! } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I = {}): Note @custom }',
    ['1:97 - The default of "i" in Query.note is {}, which is no I. Write one, or take it away.'],
  ],
  [
    'default object unknown',
    'input I { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I = {b: 1}): Note @custom }',
    ['1:96 - The default of "i" in Query.note is {b: 1}, which is no I. Write one, or take it away.'],
  ],
  [
    'default object twice',
    'input I { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I = {a: 1, a: 2}): Note @custom }',
    ['1:97 - There can be only one input field named "a".'],
  ],
  [
    'first default huge',
    'type Note @pent(typeId: 1) { id: UUID! p: UUID l(first: Int! = 99999999999999999999, after: UUID): [Note!]! @edgeToStoredId(edgeName: "ab", edgeId: 1, field: "p") } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:64 - The default of "first" in Note.l is 100000000000000000000. Make it a number from 1 to 1000.',
      '1:64 - The default of "first" in Note.l is 99999999999999999999, which is no Int!. Write one, or take it away.',
    ],
  ],
  [
    'typeId huge',
    'type Note @pent(typeId: 99999999999999999999999) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:25 - The type id of Note is 1e+23, and must be from 1 to 2147483647.'],
  ],
  [
    'typeId list',
    'type Note @pent(typeId: [1]) { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:25 - @pent(typeId:) must be an integer.'],
  ],
  [
    'edge field proto',
    'type Note @pent(typeId: 1) { id: UUID! p: UUID l(first: Int! = 1, after: UUID): [Note!]! @edgeToStoredId(edgeName: "ab", edgeId: 1, field: "__proto__") } type Query { note(id: UUID!): Note @readPent }',
    ['1:133 - Note.l lists objects by Note.__proto__, which is not stored.'],
  ],
  [
    'edge inverse itself',
    'type Note @pent(typeId: 1) { id: UUID! l(first: Int! = 1, after: UUID): [Note!]! @edge(name: "ab", id: 1, inverse: "ab") } type Query { note(id: UUID!): Note @readPent }',
    ['1:116 - Note.l names its own edge "ab" as the inverse. Name another @edge.'],
  ],
  [
    'redefined Int as type',
    'type Int { a: String } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:6 - "Int" is a built-in scalar. Give this type another name.'],
  ],
  [
    'redefined Boolean enum',
    'enum Boolean { YES NO } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:6 - "Boolean" is a built-in scalar. Give this type another name.'],
  ],
  [
    'UUID as enum',
    'enum UUID { A } type Note @pent(typeId: 1) { id: ID! } type Query { note: Note @custom }',
    ['1:6 - "UUID" is a built-in scalar. Give this type another name.'],
  ],
  [
    'JSON as object',
    'type JSON { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:6 - "JSON" is a built-in scalar. Give this type another name.'],
  ],
  [
    'directive redefined',
    'directive @pent(typeId: Int!) on OBJECT type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:12 - There can be only one directive named "@pent". Grapple has it: take the definition out.'],
  ],
  [
    'oneOf with default',
    'input I @oneOf { a: Int = 1 b: String } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I!): Note @custom }',
    ['1:18 - OneOf input field I.a cannot have a default value.'],
  ],
  [
    'oneOf nonnull',
    'input I @oneOf { a: Int! b: String } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(i: I!): Note @custom }',
    ['1:21 - OneOf input field I.a must be nullable.'],
  ],
  [
    'double underscore type',
    'type __Note @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): __Note @readPent }',
    ['1:1 - Name "__Note" must not begin with "__", which is reserved by GraphQL introspection. Rename it.'],
  ],
  [
    'double underscore arg',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(__a: Int): Note @custom }',
    ['1:70 - Name "__a" must not begin with "__", which is reserved by GraphQL introspection. Rename it.'],
  ],
  [
    'schema query interface',
    'schema { query: I } interface I { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:17 - Query root type must be Object type, it cannot be I.',
      '1:17 - The root type of query is called I. Call it Query.',
      '1:35 - I.a does not say where its value comes from: @readPent, @browsePents, @pentFromIndex, @custom or @customGen.',
      '1:130 - @readPent stands on Query.note, and belongs on a field of Query.',
    ],
  ],
  [
    'query input',
    'input Query { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String }',
    ['1:1 - Query root type must be Object type, it cannot be Query.'],
  ],
  [
    'extend wrong kind',
    'extend input Note { a: Int } type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:30 - Cannot extend non-input object type "Note".'],
  ],
  [
    'field of itself list',
    'type Note @pent(typeId: 1) { id: UUID! notes: [[Note!]!] } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:40 - Note.notes is [[Note!]!], which cannot be stored. Say where it comes from: @genFromStoredId, @edgeToStoredId, @edge, @custom or @customGen.',
    ],
  ],
  [
    'huge name',
    'type NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN @pent(typeId: 1) { id: UUID! } type Query { note: Int @custom }',
    ['1:6 - The name of this type has 300 letters, and its file can have 100. Shorten it.'],
  ],
  [
    'conflict markers',
    '<<<<<<< HEAD\ntype Note @pent(typeId: 1) { id: UUID! t: String }\n=======\ntype Note @pent(typeId: 1) { id: UUID! t: String }\n>>>>>>> other\ntype Query { note(id: UUID!): Note @readPent }',
    ['1:1 - Syntax Error: Unexpected character: "<". This is a conflict marker of git: resolve the merge first.'],
  ],
  ['only comments', '# nothing', ['1:1 - There is no type here. Begin with "type Query { \u2026 }".']],
  [
    'data as list',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(data: [D!]!): P @createPent }',
    ['1:206 - The argument "data" of Mutation.m is [D!]!. Make it D!.'],
  ],
  [
    'data nullable',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(data: D): P @createPent }',
    ['1:206 - The argument "data" of Mutation.m is D. Make it D!.'],
  ],
  [
    'data scalar',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } type Mutation { m(data: JSON!): P @createPent }',
    ['1:166 - The argument "data" of Mutation.m is JSON!. Make it CreateNoteData!.'],
  ],
  [
    'data with nested input',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input E { x: Int } input D @pentMutationData { t: E } type Mutation { m(data: D!): P @createPent }',
    ['1:192 - D.t is E, but Note.t is a text.'],
  ],
  [
    'payload of itself',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { p: P } input D @pentMutationData { t: String } type Mutation { m(data: D!): P @createPent }',
    ['1:205 - Mutation.m writes P, which is not marked @pent.'],
  ],
  [
    'payload list',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: [Note!] } input D @pentMutationData { t: String } type Mutation { m(data: D!): P @createPent }',
    ['1:135 - P.note is [Note!], but Mutation.m writes one. Write Note.'],
  ],
  [
    'payload arg',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note(a: Int): Note } input D @pentMutationData { t: String } type Mutation { m(data: D!): P @createPent }',
    ['1:134 - P.note does nothing with its arguments. Take them away.'],
  ],
  [
    'payload of interface',
    'interface I { id: UUID! } type Note implements I @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: I } input D @pentMutationData { t: String } type Mutation { m(data: D!): P @createPent }',
    ['1:247 - Mutation.m writes I, which is not marked @pent.'],
  ],
  [
    'payload with idempotent twice',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(data: D!, a: String @idempotent, b: String @idempotent): P @createPent }',
    ['1:243 - The argument "b" of Mutation.m has @idempotent, and another argument has it, too. Keep one.'],
  ],
  [
    'idempotent list',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(data: D!, a: [String] @idempotent): P @createPent }',
    ['1:213 - The argument "a" of Mutation.m has @idempotent and is [String]. Make it String.'],
  ],
  [
    'idempotent on data',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(data: D! @idempotent): P @createPent }',
    ['1:206 - The argument "data" of Mutation.m has @idempotent and is D!. Make it String.'],
  ],
  [
    'versioned on id',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { note: Note } input D @pentMutationData { t: String } type Mutation { m(id: UUID! @versioned, data: D!): P @updatePent }',
    ['1:204 - The argument "id" of Mutation.m has @versioned and is UUID!. Make it Int.'],
  ],
  [
    'delete constructor',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Query { note(id: UUID!): Note @readPent } type P @pentMutationPayload { deletedId: UUID } type Mutation { m(id: UUID!): P @deletePent(type: "constructor") }',
    ['1:179 - Mutation.m writes constructor, which is not marked @pent.'],
  ],
  [
    'index of another type',
    'type Note @pent(typeId: 1) { id: UUID! t: String } type Tag @pent(typeId: 2) { id: UUID! n: String @unique(name: "tag_n") } type Query { note(n: String!): Note @pentFromIndex(index: "tag_n") }',
    ['1:156 - Query.note gives Note, but the index "tag_n" holds Tag.'],
  ],
  [
    'index list of unique',
    'type Tag @pent(typeId: 2) { id: UUID! n: Int @unique(name: "tag_n") } type Query { tag(n: Int!, first: Int! = 1, after: UUID): [Tag!]! @pentFromIndex(index: "tag_n") }',
    ['1:128 - Query.tag is [Tag!]!, but "tag_n" is unique: one object at most. Write Tag.'],
  ],
  [
    'connection node list',
    'type Note @pent(typeId: 1) { id: UUID! p: UUID l(first: Int! = 1, after: String): C! @edgeToStoredId(edgeName: "ab", edgeId: 1, field: "p") } type C { edges: [E!]! pageInfo: Int } type E { node: [Note] cursor: String } type Query { note(id: UUID!): Note @readPent }',
    ['1:175 - C.pageInfo is Int. Make it PageInfo!.', '1:196 - E.node is a list. Make it Note!.'],
  ],
  [
    'connection that is a pent',
    'type Note @pent(typeId: 1) { id: UUID! p: UUID l(first: Int! = 1, after: String): C! @edgeToStoredId(edgeName: "ab", edgeId: 1, field: "p") } type C @pent(typeId: 2) { id: UUID! edges: [E!]! @custom pageInfo: Int } type E { node: Note cursor: String } type Query { note(id: UUID!): Note @readPent }',
    [
      '1:169 - C.id is no field of a generated connection. It has edges, pageInfo, nodes, totalCount: take it away, or make Note.l @custom.',
      '1:210 - C.pageInfo is Int. Make it PageInfo!.',
    ],
  ],
  [
    'privacy rule injection',
    'type Note @pent(typeId: 1) @privacy(rule: "x */ process.exit() /*") { id: UUID! } type Query { note(id: UUID!): Note @readPent }',
    ['1:43 - The privacy rule of Note is "x */ process.exit() /*". Make it a name, such as "onlyOwner".'],
  ],
];
