import type { Invalid } from './invalid.ts';

/** Schemas whose lists are wrong. */
export const invalidLists: readonly Invalid[] = [
  [
    'an order by an attribute that is not stored',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["-pricee"]) { id: UUID! price: Int }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    ['2:54 - @index(orderBy:) names "pricee", which A does not store. Did you mean "price"?'],
  ],
  [
    'an order by the time of creation',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["-createdAt"]) { id: UUID! createdAt: DateTime! }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '2:54 - @index(orderBy:) names "createdAt", which A does not store. Lists without "orderBy" begin with the oldest entry: leave it out, and write "reverse: true" on the field for the newest first.',
    ],
  ],
  [
    'an order by four attributes, and by one twice',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["a", "b", "c", "-a"]) { id: UUID! a: Int b: Int c: Int }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    ['2:54 - @index(orderBy:) has "a" twice. Keep one.', '2:54 - @index(orderBy:) has 4 attributes. Name one to 3.'],
  ],
  [
    'an order by JSON',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["tags"]) { id: UUID! tags: [String!] }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    ['2:54 - @index(orderBy:) names A.tags, which has no order. Take another attribute.'],
  ],
  [
    'conditions that nothing can meet',
    `
type A @pent(typeId: 1) @index(name: "all", where: { kind: [NEWW], done: null, at: "2026", n: [], text: 3, tags: 1, typo: 1 }) {
  id: UUID! kind: Kind done: Boolean! at: DateTime n: Int text: String tags: JSON }
enum Kind { NEW OLD }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '2:52 - @index(where:) names "tags", whose values cannot be compared.',
      '2:52 - @index(where:) names "typo", which A does not store.',
      '2:52 - @index(where:) wants "2026" of A.at, which is a DateTime. Write one such as "2026-01-31T12:00:00Z".',
      '2:52 - @index(where:) wants "NEWW" of A.kind, which is none of NEW, OLD. Did you mean "NEW"?',
      '2:52 - @index(where:) wants 3 of A.text, which is a text. Write one.',
      '2:52 - @index(where:) wants no value of "n": nothing would ever be listed. Name one.',
      '2:52 - @index(where:) wants null of A.done, which is never null. Take it away.',
    ],
  ],
  [
    'conditions that are none',
    `
type A @pent(typeId: 1) @index(name: "all", where: { kind: { is: 1 } }) @index(name: "more", where: {}) { id: UUID! kind: Int }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "more") }
`,
    [
      '2:52 - @index(where:) must be an object of attributes with the values that are wanted, such as { status: [OPEN], deletedAt: null }.',
      '2:101 - @index(where:) names no attribute. Take it away.',
    ],
  ],
  [
    'a key of an attribute that is not stored',
    `
type A @pent(typeId: 1) { id: UUID! kind: String @index(name: "kinds", with: ["stat", "tags", "kind"]) status: String tags: JSON }
type Query { kinds(kind: String!, first: Int! = 5): [A!]! @pentFromIndex(index: "kinds") }
`,
    [
      '2:78 - @index of A.kind has "kind" twice. Keep one.',
      '2:78 - @index of A.kind names "stat", which is not stored. Did you mean "status"?',
      '2:78 - @index of A.kind names "tags", which cannot be indexed.',
      '3:14 - Query.kinds needs the argument "after: UUID".',
    ],
  ],
  [
    'parts of a list of values',
    `
type A @pent(typeId: 1) @index(name: "all", parts: 100) { id: UUID! kind: String @index(name: "kinds", parts: 2) }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '2:52 - @index of A has 100 parts. Make it a number from 1 to 64.',
      '2:111 - @index of A.kind has "parts", which are for lists of all objects of a type. Take them away.',
    ],
  ],
  [
    'two indexes of one attribute without names',
    `
type A @pent(typeId: 1) { id: UUID! n: Int kind: String @index(orderBy: ["n"]) @index(orderBy: ["-n"]) }
type Query { kinds(kind: String!, first: Int! = 5): [A!]! @pentFromIndex(index: "a_kind") }
`,
    ['2:80 - A.kind calls two indexes "a_kind". Give each a name of its own.'],
  ],
  [
    'an index on a type that is not stored',
    `
type A @index(name: "all") { x: Int }
type Query { a: A @custom }
`,
    ['2:8 - A has @index, but not @pent. Add @pent, or take @index away.'],
  ],
  [
    'pages of an ordered index behind an id',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int }
type Query { all(first: Int! = 5, after: UUID): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '3:35 - Query.all begins pages behind an id, and the entries of its list are found by cursors. Make it a connection, or take "after" away.',
    ],
  ],
  [
    'first and last with a default',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int }
type Query { all(first: Int! = 5, last: Int, after: String, before: String): AConnection! @pentFromIndex(index: "all") @connection }
`,
    [
      '3:32 - "first" of Query.all has a default, and clients may give "last" instead. Take the default away: a page has 100 entries then.',
    ],
  ],
  [
    'last without a default',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int }
type Query { all(last: Int, before: String): AConnection! @pentFromIndex(index: "all") @connection }
`,
    ['3:18 - The argument "last" of Query.all has no default. Write "last: Int! = 100".'],
  ],
  [
    'bounds of another type, and with other names',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int }
input R { from: String min: Int startsWith: Int }
type Query { all(n: R, first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '3:17 - R.from is String, and bounds n. Make it Int.',
      '3:24 - R.min is none of the bounds from, to, startsWith of Query.all. Rename it.',
      '3:33 - R.startsWith is for texts, and bounds n. Take it away.',
    ],
  ],
  [
    'a bound behind an attribute without one',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n", "m"]) { id: UUID! n: Int m: Int }
input R { from: Int to: Int }
type Query { all(upTo: R @bounds(of: "m"), first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    ['4:18 - The argument "upTo" of Query.all bounds m, and "all" is ordered by n before it. Order a list by m first.'],
  ],
  [
    'a bound of an attribute that no list is ordered by',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int m: Int }
type Query { all(m: Int, first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`,
    [
      '3:18 - Query.all takes "m", and "all" is no list by it. Add "m" to "with" of the index, or order it by "m" for a range.',
    ],
  ],
  [
    'two bounds of one attribute',
    `
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int }
input R { from: Int to: Int }
type Query { all(a: R @bounds(of: "n"), n: R, first: Int! = 5, after: String): AConnection! @pentFromIndex(index: "all") @connection }
`,
    ['4:41 - The arguments "a" and "n" of Query.all bound n. Keep one.'],
  ],
  [
    'one name for connections of two types',
    `
type A @pent(typeId: 1) { id: UUID!
  bs(first: Int! = 5, after: String): PageConnection! @edgeToStoredId(edgeName: "a_b", edgeId: 10, field: "a") @connection(of: "B")
  cs(first: Int! = 5, after: String): PageConnection! @edgeToStoredId(edgeName: "a_c", edgeId: 11, field: "a") @connection(of: "C") }
type B @pent(typeId: 2) { id: UUID! a: A @genFromStoredId }
type C @pent(typeId: 3) { id: UUID! a: A @genFromStoredId }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '4:39 - A.cs is a PageConnection of C, and another field has one of B. Give it a name of its own, such as CConnection.',
    ],
  ],
  [
    'a PageInfo that is something else',
    `
type A @pent(typeId: 1) { id: UUID! bs(first: Int! = 5, after: String): BConnection! @edgeToStoredId(edgeName: "a_b", edgeId: 10, field: "a") @connection }
type B @pent(typeId: 2) { id: UUID! a: A @genFromStoredId }
type PageInfo { hasNextPage: Boolean! pages: Int }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '4:39 - PageInfo.pages is no field of a generated connection. It has hasNextPage, hasPreviousPage, startCursor, endCursor: take it away, or make A.bs @custom.',
    ],
  ],
  [
    'an enum that names other lists',
    `
type A @pent(typeId: 1) @index(name: "by_n", orderBy: ["n"]) { id: UUID! n: Int m: Int @index(name: "by_m", orderBy: ["n"]) }
enum O { N @list(of: "by_n") M @list(of: "by_m") X @list(of: "by_x") Y }
type Query { all(order: O, first: Int! = 5): [A!]! @pentFromIndex }
`,
    ['4:52 - Query.all looks in the index "by_x", which no field declares. Did you mean "by_m" or "by_n"?'],
  ],
  [
    'a field that names its index, and lets clients choose',
    `
type A @pent(typeId: 1) @index(name: "by_n", orderBy: ["n"]) { id: UUID! n: Int }
enum O { N @list(of: "by_n") }
type Query { all(order: O! = N, first: Int! = 5): [A!]! @pentFromIndex(index: "by_n", reverse: true) }
`,
    [
      '4:18 - Query.all names its index, and "order" chooses one, too. Take "index" of @pentFromIndex away.',
      '4:96 - Query.all says "reverse", and "order" chooses the list. Say it in the enum: @list(of: "…", reverse: true).',
    ],
  ],
  [
    'a field that does not name its index',
    `
type A @pent(typeId: 1) @index(name: "by_n", orderBy: ["n"]) { id: UUID! n: Int }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex }
`,
    [
      '3:42 - Query.all does not say which index it reads. Write @pentFromIndex(index: "…") with one of "by_n", or take an argument of an enum whose values have @list(of: "…").',
    ],
  ],
  [
    'a list on a value of an enum that is none',
    `
type A @pent(typeId: 1) { id: UUID! n: Int @list(of: "x") }
type Query { a(id: UUID!): A @readPent }
`,
    ['2:44 - Directive "@list" may not be used on FIELD_DEFINITION. Take it away there.'],
  ],
  [
    'several edges of a field without a choice',
    `
type A @pent(typeId: 1) { id: UUID! bs(first: Int! = 5, after: UUID): [B!]! @edgeToStoredId(edgeName: "one", edgeId: 1, field: "a") @edgeToStoredId(edgeName: "two", edgeId: 2, field: "a", where: { n: 1 }) }
type B @pent(typeId: 2) { id: UUID! a: A @genFromStoredId n: Int }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '2:133 - A.bs has several edges, and no argument says which one is read. Take an argument of an enum whose values have @list(of: "…").',
    ],
  ],
  [
    'edges of a field that follow from different attributes',
    `
type A @pent(typeId: 1) { id: UUID! bs(of: O! = ONE, first: Int! = 5, after: UUID): [B!]! @edgeToStoredId(edgeName: "one", edgeId: 1, field: "a") @edgeToStoredId(edgeName: "two", edgeId: 2, field: "c") }
type B @pent(typeId: 2) { id: UUID! a: A @genFromStoredId c: A @genFromStoredId }
enum O { ONE @list(of: "one") TWO @list(of: "two") }
type Query { a(id: UUID!): A @readPent }
`,
    ['2:198 - The edges of A.bs follow from "a" and from "c". Make them fields of their own.'],
  ],
  [
    'a plain edge in an order of data that nobody knows',
    `
type A @pent(typeId: 1) { id: UUID! as(first: Int! = 5, after: UUID): [A!]! @edge(name: "as", id: 1, orderBy: ["at"]) bs(first: Int! = 5, after: UUID): [A!]! @edge(name: "bs", id: 2, data: "Dat", orderBy: ["at"]) cs(first: Int! = 5, after: UUID): [A!]! @edge(name: "cs", id: 3, data: "Data", orderBy: ["att"]) }
input Data { at: Int }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '2:111 - A.as is ordered by the data of its edge, whose kinds are not known. Add data: "…", with the name of an input that has the data\'s properties.',
      '2:190 - The data of A.bs is "Dat", which is no input and no type. Did you mean "Data"?',
      '2:302 - @edge(orderBy:) names "att", which Data does not store. Did you mean "at"?',
    ],
  ],
  [
    'an end of objects that is not stored, or no time',
    `
type A @pent(typeId: 1, expiresAt: "ends") { id: UUID! end: DateTime }
type B @pent(typeId: 2, expiresAt: "end") { id: UUID! end: Int }
type Query { a(id: UUID!): A @readPent b(id: UUID!): B @readPent }
`,
    [
      '2:36 - @pent(expiresAt:) names "ends", which A does not store. Did you mean "end"?',
      '3:36 - @pent(expiresAt:) names "end", which is no time. Name an attribute of the type DateTime.',
    ],
  ],
  [
    'sums: of no edge, of a list without an order, of texts, of values that may be absent, of the wrong shape',
    `
type A @pent(typeId: 1) {
  id: UUID!
  bs(first: Int! = 5, after: UUID): [B!]! @edgeToStoredId(edgeName: "bs", edgeId: 1, field: "a")
  byName(first: Int! = 5, after: UUID): [B!]! @edgeToStoredId(edgeName: "bs_by_name", edgeId: 2, field: "a", orderBy: ["name"])
  byCost(first: Int! = 5, after: UUID): [B!]! @edgeToStoredId(edgeName: "bs_by_cost", edgeId: 3, field: "a", orderBy: ["-cost"])
  basket(first: Int! = 5, after: UUID): [B!]! @edge(name: "basket", id: 4, data: "Line", orderBy: ["many"])
  none: Int! @sum(edge: "bs_by_costs")
  unordered: Int! @sum(edge: "bs")
  texts: Int! @sum(edge: "bs_by_name")
  mean: Float @average(edge: "bs_by_cost")
  shape: String! @sum(edge: "bs_by_cost")
  many(first: Int): Int! @sum(edge: "basket")
  meanMany: Float! @average(edge: "basket")
}
input Line { many: Int! }
type B @pent(typeId: 2) { id: UUID! a: A @genFromStoredId name: String cost: Int sum: Int! @sum(edge: "bs_by_cost") }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '8:25 - A.none adds up the edge "bs_by_costs", and no field of A declares it with "orderBy". Did you mean "bs_by_cost" or "bs_by_name"?',
      '9:30 - A.unordered adds up the edge "bs", and no field of A declares it with "orderBy". Declare it, ordered by the attribute to add up.',
      '10:15 - A.texts adds up B.name, which is no number. Order the edge by an Int or a Float first, or take @sum away.',
      '11:15 - A.mean is the average of B.cost, which may be absent. Make that required, or take @sum.',
      '12:10 - A.shape is String!, and adds up B.cost. Make it Int!.',
      '13:8 - A.many does nothing with the argument "first". Take it away, or make the field @custom.',
      '14:13 - A.meanMany is Float!, and is a fraction, and null where the list is empty. Make it Float.',
      '14:20 - A.meanMany is the average of many in the data of "basket", which may be absent. Take @sum.',
      '17:103 - B.sum adds up the edge "bs_by_cost", and no field of B declares it with "orderBy". Declare it, ordered by the attribute to add up.',
    ],
  ],
  [
    'whether an edge is there: of no edge, of another type, of the wrong shape',
    `
type A @pent(typeId: 1) { id: UUID! bs(first: Int! = 5, after: UUID): [B!]! @edge(name: "bs", id: 1) has: Boolean! @hasEdge(edge: "bz") hasB: Boolean! @hasEdge(edge: "bs") }
type B @pent(typeId: 2) { id: UUID! isIn: Boolean @hasEdge(edge: "bs") isOf(from: ID!, x: Int): Boolean! @hasEdge(edge: "bs") }
type Query { a(id: UUID!): A @readPent }
`,
    [
      '2:131 - A.has asks for the edge "bz", which no field declares with @edge. Did you mean "bs"?',
      '2:167 - A.hasB asks for the edge "bs" to A, and it leads from A to B. Take the id at the other end as argument "to: UUID!".',
      '3:43 - B.isIn is Boolean, and is true or false. Make it Boolean!.',
      '3:83 - The argument "from" of B.isOf is ID!. Make it UUID!.',
      '3:88 - B.isOf does nothing with the argument "x". Take it away, or make the field @custom.',
    ],
  ],
  [
    'a unique index that gives a list',
    `
type A @pent(typeId: 1) { id: UUID! n: Int @unique(name: "one", with: ["m"], where: { m: 1 }) m: Int }
type Query { all(n: Int!, m: Int!, first: Int! = 5, after: UUID): [A!]! @pentFromIndex(index: "one") }
`,
    ['3:67 - Query.all is [A!]!, but "one" is unique: one object at most. Write A.'],
  ],
];
