import { versionInfo } from 'graphql';
import type { Invalid } from './invalid.ts';

const base = 'type Query { note(id: UUID!): Note @readPent }\n';
const note = 'type Note @pent(typeId: 1) { id: UUID! text: String }\n';

/** Schemas that somebody broke who knew neither Grapple nor mercy. */
export const broken: readonly Invalid[] = [
  [
    'interfaces in a circle',
    `${base}${note}interface A implements B { x: Int } interface B implements A { x: Int }`,
    [
      '3:24 - Type B cannot implement A because it would create a circular reference. Take "implements" away.',
      '3:60 - Type A cannot implement B because it would create a circular reference. Take "implements" away.',
    ],
  ],
  [
    'a union of itself',
    `${base}${note}union U = U | Note`,
    [
      '3:11 - Union type U can only include Object types, it cannot include U. Take it out, or name the types that have it.',
    ],
  ],
  [
    'a union of nothing',
    `${base}${note}union U`,
    ['3:1 - Union type U must define one or more member types. Add one, or take the type away.'],
  ],
  [
    'an operation among the types',
    `${base}${note}{ note(id: "x") { id } }\nfragment F on Note { id }`,
    [
      '3:1 - Here is an operation or a fragment, and schema/ holds types only. Take it out.',
      '4:1 - Here is an operation or a fragment, and schema/ holds types only. Take it out.',
    ],
  ],
  [
    'more fields for a type that is not there',
    `${base}${note}extend type Nope { x: Int }\nextend type Not { x: Int }`,
    [
      '3:13 - Cannot extend type "Nope" because it is not defined. Did you mean "Note"?',
      '4:13 - Cannot extend type "Not" because it is not defined. Did you mean "Note"?',
    ],
  ],
  [
    'defaults of other types',
    `${base}type Note @pent(typeId: 1) {
  id: UUID!
  f(a: Int = "1", b: Color = "RED", c: Color = PINK, d: [Int!] = [1, null], e: In = { y: 1 }, g: In! = null): Int @custom
  fine(a: Int = null, b: Color = RED, c: [Int!] = 1, d: In = { x: 1 }, e: Float = 1, f: ID = 1, g: Any = { a: 1 }): Int @custom
}
scalar Any
enum Color { RED }
input In { x: Int! z: UUID = 5 }`,
    [
      '4:14 - The default of "a" in Note.f is "1", which is no Int. Write one, or take it away.',
      '4:30 - The default of "b" in Note.f is "RED", which is no Color. Write one, or take it away.',
      '4:48 - The default of "c" in Note.f is PINK, which is no Color. Write one, or take it away.',
      '4:66 - The default of "d" in Note.f is [1, null], which is no [Int!]. Write one, or take it away.',
      '4:85 - The default of "e" in Note.f is { y: 1 }, which is no In. Write one, or take it away.',
      '4:104 - The default of "g" in Note.f is null, which is no In!. Write one, or take it away.',
      '9:30 - The default of In.z is 5, which is no UUID. Write one, or take it away.',
    ],
  ],
  [
    'fields that are renamed from fields that are there',
    `${base}type Note @pent(typeId: 1) @renamed(from: "Query") {
  id: UUID!
  text: String @renamed(from: "text")
  more: String @renamed(from: "text")
  one: String @renamed(from: "old")
  two: String @renamed(from: "old")
}`,
    [
      '2:43 - Note is renamed from Query, which is still a type. Take one of them away.',
      '4:31 - Note.text is renamed from text, which is still a field. Take one of them away.',
      '5:31 - Note.more is renamed from text, which is still a field. Take one of them away.',
      '7:30 - Note.two is renamed from old, and so is Note.one. Take one of them away.',
    ],
  ],
  [
    'a directive of Grapple, defined once more',
    `${base}${note}directive @index(x: Int) on FIELD_DEFINITION`,
    ['3:12 - There can be only one directive named "@index". Grapple has it: take the definition out.'],
  ],
  [
    'lines that end as on Windows, after a byte order mark',
    `\uFEFF${base}type Note @pent(typeId: 1) {\n  id: UUID!\n  text: Strng\n}`.replaceAll('\n', '\r\n'),
    ['4:9 - Unknown type "Strng". Did you mean "String"?'],
  ],
  [
    'a name that GraphQL cannot read',
    `${base}type Nöte @pent(typeId: 1) { id: UUID! }`,
    ['2:7 - Syntax Error: Unexpected character: U+00F6. Names are made of A-Z, a-z, 0-9 and _; texts are in quotes.'],
  ],
  [
    'names that GraphQL keeps for itself',
    `${base}type Note @pent(typeId: 1) { id: UUID! __proto__: String }`,
    ['2:40 - Name "__proto__" must not begin with "__", which is reserved by GraphQL introspection. Rename it.'],
  ],
  [
    'an edge to a union, and one without its inverse',
    `${base}union Any = Note type Note @pent(typeId: 1) { id: UUID! list(first: Int! = 5, after: UUID): [Any!]! @edge(name: "l", id: 10, inverse: "m") }`,
    [
      '2:93 - Note.list must list a type marked @pent, and lists Any.',
      '2:135 - Note.list names the inverse edge "m", which no field declares. Declare it with @edge on the other type.',
    ],
  ],
  [
    'inputs that need each other',
    `${base}${note}input A { b: B! } input B { a: A! }`,
    [
      versionInfo.major < 17
        ? '3:11 - Cannot reference Input Object "A" within itself through a series of non-null fields: "b.a". Make one of these fields nullable.'
        : '3:11 - Input Object A cannot be provided a finite value because it references itself through fields: A.b, B.a. Make one of these fields nullable.',
    ],
  ],
  [
    'a generated write that gives a union',
    `${base}${note}type Mutation { createNote(data: D!): R! @createPent }
input D @pentMutationData { text: String }
union R = P | Taken
type P @pentMutationPayload { note: Note }
type Taken { message: String! }`,
    [
      '3:39 - Mutation.createNote gives the union R, and generated writes give a payload. Give the payload, or write the field by hand: @customMutation.',
    ],
  ],
];
