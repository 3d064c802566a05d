import { versionInfo } from 'graphql';

/** A schema that is wrong: what it shows, its text, and all that is said of it, each with line and column. */
export type Invalid = readonly [title: string, sdl: string, problems: readonly string[]];

export const invalid: readonly Invalid[] = [
  [
    'a syntax error',
    `
type User {
  id UUID!
}
`,
    ['3:6 - Syntax Error: Expected ":", found Name "UUID".'],
  ],
  [
    'no Query',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
`,
    ['2:1 - There is no type "Query". Add one: "type Query { … }".'],
  ],
  [
    'an unknown directive',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPant }
`,
    ['3:36 - Unknown directive "@readPant". Did you mean "@readPent" or "@createPent"?'],
  ],
  [
    'an unknown argument of a directive',
    `
type User @pent(typeid: 1, typeId: 1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:17 - Unknown argument "typeid" on directive "@pent". Did you mean "typeId"?'],
  ],
  [
    'a missing argument of a directive',
    `
type User @pent { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    [
      versionInfo.major < 17
        ? '2:11 - Directive "@pent" argument "typeId" of type "Int!" is required, but it was not provided.'
        : '2:11 - Argument "@pent(typeId:)" of type "Int!" is required, but it was not provided.',
    ],
  ],
  [
    'an argument of the wrong type',
    `
type User @pent(typeId: "1") { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:25 - @pent(typeId:) must be an integer.'],
  ],
  [
    'an unknown type',
    `
type User @pent(typeId: 1) { id: UUID! name: Strng }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:46 - Unknown type "Strng". Did you mean "String"?'],
  ],
  [
    'a type twice',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:6 - There can be only one type named "User". Rename one, or write "extend type" to add fields.',
      '2:11 - The directive "@pent" can only be used once at this location. Take one away.',
      '2:30 - Field "User.id" can only be defined once. Rename one, or take it away.',
      '2:40 - Field "User.name" can only be defined once. Rename one, or take it away.',
    ],
  ],
  [
    'a field twice',
    `
type User @pent(typeId: 1) { id: UUID! name: String name: String }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:40 - Field "User.name" can only be defined once. Rename one, or take it away.'],
  ],
  [
    'a directive twice',
    `
type User @pent(typeId: 1) { id: UUID! name: String @index @index }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:60 - User.name calls two indexes "user_name". Give each a name of its own.'],
  ],
  [
    'an interface without its fields',
    `
interface Named { name: String! }
type User implements Named @pent(typeId: 1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:19 - Interface field Named.name expected but User does not provide it.'],
  ],
  [
    'an enum value twice',
    `
enum Color { RED RED }
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:14 - Enum value "Color.RED" can only be defined once. Rename one, or take it away.'],
  ],
  [
    'an input in the place of an output',
    `
input UserData @pentMutationData { name: String! }
type User @pent(typeId: 1) { id: UUID! data: UserData @custom }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '3:46 - The type of User.data must be Output Type but got: UserData. Input types are for arguments only: write an object type or a scalar.',
    ],
  ],
  [
    'several problems at once',
    `
type User @pent(typeId: 0) { id: Int! class: Strng @indx }
type Query { user: User! @readPent, list: User }
`,
    [
      '2:25 - The type id of User is 0, and must be from 1 to 2147483647.',
      '2:34 - User.id is Int!. Every object has it as UUID!: write that.',
      '2:46 - Unknown type "Strng". Did you mean "String"?',
      '2:52 - Unknown directive "@indx". Did you mean "@index"?',
      '3:14 - Query.user needs the argument "id: UUID!".',
      '3:20 - Query.user is User!, but there may be no such object, or a hidden one. Write User.',
      '3:37 - Query.list does not say where its value comes from: @readPent, @browsePents, @pentFromIndex, @custom or @customGen.',
    ],
  ],
  [
    'a root type that is stored',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query @pent(typeId: 2) { user(id: UUID!): User @readPent }
`,
    ['3:12 - Query is a root type, and so has no objects to store. Take @pent away.'],
  ],
  [
    'a stored payload',
    `
type User @pent(typeId: 1) @pentMutationPayload { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:28 - User has @pent and @pentMutationPayload. A payload is not stored: take one of them away.'],
  ],
  [
    'a read outside of Query',
    `
type User @pent(typeId: 1) { id: UUID! friend(id: UUID!): User @readPent }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:64 - @readPent stands on User.friend, and belongs on a field of Query.'],
  ],
  [
    'a write in Query',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String! }
type Query { createUser(data: UserData!): UserPayload @createPent }
`,
    ['5:55 - @createPent stands on Query.createUser, and belongs on a field of Mutation.'],
  ],
  [
    'a stored id in Query',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { me: User @genFromStoredId }
`,
    ['3:23 - @genFromStoredId stands on Query.me, and belongs on a field of a type marked @pent.'],
  ],
  [
    'an edge in a type that is not stored',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Group { users(first: Int = 5, after: UUID): [User!]! @edge(name: "users", id: 1) }
type Query { user(id: UUID!): User @readPent }
`,
    ['3:59 - @edge stands on Group.users, and belongs on a field of a type marked @pent.'],
  ],
  [
    'two origins',
    `
type User @pent(typeId: 1) { id: UUID! friend: User @genFromStoredId @edge(name: "friends", id: 1) }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:40 - User.friend needs the argument "after: UUID".',
      '2:40 - User.friend needs the argument "first: Int! = 100".',
      '2:48 - User.friend is User. Make it [User!]!, or a connection.',
      '2:70 - User.friend has @genFromStoredId and @edge, which both say where its value comes from. Keep one.',
    ],
  ],
  [
    'two origins, written by hand',
    `
type User @pent(typeId: 1) { id: UUID! friend: User @custom @genFromStoredId @customGen }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:78 - User.friend has @custom and @customGen, which both say where its value comes from. Keep one.'],
  ],
  [
    'a stored id and a read, written by hand',
    `
type User @pent(typeId: 1) { id: UUID! friend: User @genFromStoredId @custom @readPent }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:78 - @readPent stands on User.friend, and belongs on a field of Query.',
      '2:78 - User.friend has @genFromStoredId and @readPent, which both say where its value comes from. Keep one.',
    ],
  ],
  [
    'an index on what is not stored',
    `
type User @pent(typeId: 1) { id: UUID! age: Int @custom @index }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:57 - User.age has @index, but is not stored: @custom makes it. Take one of them away.'],
  ],
  [
    'an index and a unique one',
    `
type User @pent(typeId: 1) { id: UUID! age: Int @index @unique }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:56 - User.age has @index and @unique. Keep @unique, which is an index too.'],
  ],
  [
    'a connection without an edge',
    `
type User @pent(typeId: 1) { id: UUID! lists: Int @connection }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:51 - User.lists has @connection, but no list. Add @edgeToStoredId or @edge.'],
  ],
  [
    'a subscription',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPent }
type Subscription { userChanged: User }
`,
    [
      '4:21 - Subscription.userChanged cannot be generated: Grapple makes no subscriptions. Take it out of schema/, and add it in server.ts.',
    ],
  ],
  [
    'privacy of what is not stored',
    `
type Group @privacy(rule: "all") { name: String }
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:12 - Group has @privacy, but not @pent. Add @pent, or take @privacy away.'],
  ],
  [
    'a type that does not say who may read it, in a schema that denies by default',
    `
extend schema @byDefault(access: "deny")
type User @pent(typeId: 1) { id: UUID! }
type Plain { x: Int }
type Query { user(id: UUID!): User @readPent plain: Plain @custom }
`,
    ['3:1 - User does not say who may read it. Add @public, @sameAs(field: "…") or @privacy(rule: "…").'],
  ],
  [
    'a default that is neither',
    `
schema @byDefault(access: "none") { query: Query }
type User @pent(typeId: 1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:27 - @byDefault(access:) is "none". Make it "deny" or "allow".'],
  ],
  [
    'a type that says twice who may read it',
    `
type User @pent(typeId: 1) @public @privacy(rule: "mine") { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:36 - User has @public and @privacy, which both say who may read it. Keep one.'],
  ],
  [
    'a public type that is not stored',
    `
type Group @public { name: String }
type User @pent(typeId: 1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:12 - Group has @public, but not @pent. Add @pent, or take @public away.'],
  ],
  [
    'a type that is readable as what it does not store',
    `
type User @pent(typeId: 1) @public { id: UUID! }
type Note @pent(typeId: 2) @sameAs(field: "ownr") { id: UUID! owner: User @genFromStoredId(field: "ownerId") }
type Text @pent(typeId: 3) @sameAs(field: "text") { id: UUID! text: String }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '3:43 - Note is to be readable as the object in Note.ownr is, which is no stored id. Did you mean "owner"?',
      '4:43 - Text is to be readable as the object in Text.text is, which is no stored id. Name a field with @genFromStoredId.',
    ],
  ],
  [
    'a type that is readable as itself',
    `
type Note @pent(typeId: 2) @sameAs(field: "parent") { id: UUID! parent: Note @genFromStoredId }
type Query { note(id: UUID!): Note @readPent }
`,
    [
      '2:1 - Note is readable as another Note is, so that nobody may read the first one. Write its policy: @privacy(rule: "…").',
    ],
  ],
  [
    'a privacy rule that is no name',
    `
type User @pent(typeId: 1) @privacy(rule: "only owner") { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:43 - The privacy rule of User is "only owner". Make it a name, such as "onlyOwner".'],
  ],
  [
    'a versioned read',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID! @versioned): User @readPent }
`,
    ['3:29 - The argument "id" of Query.user has @versioned, which needs a field with @updatePent or @deletePent.'],
  ],
  [
    'a version that is no number',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String }
type Query { user(id: UUID!): User @readPent }
type Mutation { updateUser(id: UUID!, data: UserData!, ifVersion: String @versioned): UserPayload @updatePent }
`,
    ['6:67 - The argument "ifVersion" of Mutation.updateUser has @versioned and is String. Make it Int.'],
  ],
  [
    'an idempotent update',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String }
type Query { user(id: UUID!): User @readPent }
type Mutation { updateUser(id: UUID!, data: UserData!, key: String @idempotent): UserPayload @updatePent }
`,
    ['6:68 - The argument "key" of Mutation.updateUser has @idempotent, which needs a field with @createPent.'],
  ],
  [
    'conditions that no object can meet, of a create, and of no input',
    `
type User @pent(typeId: 1) { id: UUID! name: String! age: Int tags: [String!] }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String }
input UserIs { nam: String age: [String] tags: [String!] }
type Query { user(id: UUID!): User @readPent }
type Mutation {
  updateUser(id: UUID!, data: UserData!, if: UserIs @conditional): UserPayload @updatePent
  createUser(data: UserData!, if: UserIs @conditional): UserPayload @createPent
  changeUser(id: UUID!, data: UserData!, if: [UserIs!] @conditional): UserPayload @updatePent
  renameUser(id: UUID!, data: UserData!, if: String @conditional): UserPayload @updatePent
}
`,
    [
      '4:42 - UserData.name is String, but every User needs it: Mutation.createUser would fail without it. Write String!, or give it a default.',
      '5:16 - UserIs.nam is no stored attribute of User. Did you mean "name"?',
      '5:33 - UserIs.age is [String], but User.age is an Int.',
      '5:42 - UserIs.tags is a condition on JSON or a list, which are not compared. Take it away.',
      '9:42 - The argument "if" of Mutation.createUser has @conditional, which needs a field with @updatePent or @deletePent.',
      '10:46 - The argument "if" of Mutation.changeUser has @conditional and is [UserIs!]. Make it an input type with attributes.',
      '11:46 - The argument "if" of Mutation.renameUser has @conditional and is String. Make it an input type with attributes.',
    ],
  ],
  [
    'a type id twice',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Group @pent(typeId: 1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['3:26 - Group has the type id 1 of User. Take another, such as 2.'],
  ],
  [
    'a type id that is too large',
    `
type User @pent(typeId: 2147483648) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:25 - The type id of User is 2147483648, and must be from 1 to 2147483647.'],
  ],
  [
    'a type id that is too small',
    `
type User @pent(typeId: -1) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:25 - The type id of User is -1, and must be from 1 to 2147483647.'],
  ],
  [
    'an edge id twice',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7)
  b(first: Int = 1, after: UUID): [User!]! @edge(name: "b", id: 7)
}
type Query { user(id: UUID!): User @readPent }
`,
    ['5:65 - User.b has the edge id 7 of User.a. Take another, such as 8.'],
  ],
  [
    'a type with a name of generated code',
    `
type Promise @pent(typeId: 1) { id: UUID! }
type Query { promise(id: UUID!): Promise @readPent }
`,
    ['2:6 - The name "Promise" has another meaning in generated code. Call the type "PromiseType", say.'],
  ],
  [
    'a type with a reserved word as name',
    `
type class @pent(typeId: 1) { id: UUID! }
type Query { class(id: UUID!): class @readPent }
`,
    ['2:6 - The name "class" has another meaning in generated code. Call the type "ClassType", say.'],
  ],
  [
    'types that differ by case',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type USER @pent(typeId: 2) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['3:6 - "USER" differs from "User" by case only, and so would its file. Rename one of them.'],
  ],
  [
    'a type named as a base class',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserBase @pent(typeId: 2) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    ['3:6 - "UserBase" is the name of the generated base class of User. Rename the type.'],
  ],
  [
    'a field that makes objects promises',
    `
type User @pent(typeId: 1) { id: UUID! then: String }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:40 - User.then has a name that objects use for something else. Rename the field.'],
  ],
  [
    'a planned field named as a static method',
    `
type User @pent(typeId: 1) { id: UUID! browse: String @customGen }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:40 - User.browse has a name that objects use for something else. Rename the field.'],
  ],
  [
    'a custom root field named as a class has it',
    `
type Query { length: Int @custom }
`,
    ['2:14 - Query.length has a name that classes use for something else. Rename the field.'],
  ],
  [
    'fields that differ by case',
    `
type User @pent(typeId: 1) { id: UUID! name: String Name: String }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:53 - User.Name differs from User.name by case only. Rename one of them.'],
  ],
  [
    'the getter of a stored id',
    `
type User @pent(typeId: 1) { id: UUID! friend: User @genFromStoredId friendId: UUID }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:70 - User.friendId has the name of the getter for the id of User.friend. Rename it, or write @genFromStoredId(field: "friendId") on User.friend.',
    ],
  ],
  [
    'a field with a column of the store',
    `
type User @pent(typeId: 1) { id: UUID! state: String }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:40 - User.state has a name that is reserved for the store. Rename the field.'],
  ],
  [
    'an edge name twice',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7)
  b(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 8)
}
type Query { user(id: UUID!): User @readPent }
`,
    ['5:56 - User.b and User.a both call their edge "a". Rename one of them.'],
  ],
  [
    'edge names that differ by case',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7)
  b(first: Int = 1, after: UUID): [User!]! @edge(name: "A", id: 8)
}
type Query { user(id: UUID!): User @readPent }
`,
    ['5:56 - The edge "A" of User.b differs from "a" of User.a by case only. Rename one of them.'],
  ],
  [
    'an edge name with spaces',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a b", id: 7)
}
type Query { user(id: UUID!): User @readPent }
`,
    ['4:56 - The edge name "a b" of User.a must be letters, digits and "_", beginning with a letter.'],
  ],
  [
    'an index name twice',
    `
type User @pent(typeId: 1) { id: UUID! a: Int @index(name: "i") b: Int @index(name: "i") }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:85 - User.b and User.a both call their index "i". Rename one of them.'],
  ],
  [
    'an index name in upper case',
    `
type User @pent(typeId: 1) { id: UUID! a: Int @index(name: "ByA") }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:60 - The index name "ByA" of User.a must be at most 41 lower-case letters, digits and "_", beginning with a letter.',
    ],
  ],
  [
    'index names that collide after case mapping',
    `
type User @pent(typeId: 1) { id: UUID! firstName: String @index first_name: String @index }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:84 - User.first_name and User.firstName both call their index "user_first_name". Rename one of them.'],
  ],
  [
    'an id of another type',
    `
type User @pent(typeId: 1) { id: Int! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:34 - User.id is Int!. Every object has it as UUID!: write that.'],
  ],
  [
    'a date of creation as text',
    `
type User @pent(typeId: 1) { id: UUID! createdAt: String! }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:51 - User.createdAt is String!. Every object has it as DateTime!: write that.'],
  ],
  [
    'an index on the id',
    `
type User @pent(typeId: 1) { id: UUID! @unique }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:40 - User.id is on every object. Take @unique away.'],
  ],
  [
    'an object without a directive',
    `
type User @pent(typeId: 1) { id: UUID! friend: User }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '2:40 - User.friend is User, which cannot be stored. Say where it comes from: @genFromStoredId, @edgeToStoredId, @edge, @custom or @customGen.',
    ],
  ],
  [
    'a stored attribute with arguments',
    `
type User @pent(typeId: 1) { id: UUID! name(short: Boolean): String }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:45 - User.name is a stored attribute, and takes no arguments. Take them away, or make it @custom.'],
  ],
  [
    'an index on JSON',
    `
type User @pent(typeId: 1) { id: UUID! tags: [String!] @index }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:56 - User.tags is [String!], which cannot be indexed.'],
  ],
  [
    'a stored id that must be there, in an attribute that may be absent',
    `
type User @pent(typeId: 1) { id: UUID! friendId: UUID friend: User! @genFromStoredId(field: "friendId") }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:63 - User.friend is User!, and the id in User.friendId may be absent. Make that UUID!, or write User.'],
  ],
  [
    'a stored id of a scalar',
    `
type User @pent(typeId: 1) { id: UUID! friend: String @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:48 - User.friend must be of a type marked @pent, or of an interface or union of such types, and is String.'],
  ],
  [
    'data that may lack what every object needs',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
input UserData @pentMutationData { name: String }
type UserPayload @pentMutationPayload { user: User }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload! @createPent }
`,
    [
      '3:42 - UserData.name is String, but every User needs it: Mutation.createUser would fail without it. Write String!, or give it a default.',
    ],
  ],
  [
    'data of clients that the server sets',
    `
type User @pent(typeId: 1) { id: UUID! name: String! rank: Int! @setByServer }
input UserData @pentMutationData { name: String! rank: Int }
type UserPayload @pentMutationPayload { user: User }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload! @createPent }
`,
    ['3:50 - UserData.rank is set by the server: User.rank has @setByServer. Take one of them away.'],
  ],
  [
    'a field that is not stored and set by the server',
    `
type User @pent(typeId: 1) { id: UUID! rank: Int! @custom @setByServer }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:59 - User.rank has @setByServer, but is not stored: @custom makes it. Take one of them away.'],
  ],
  [
    '@connection whose type nobody can write',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: String): Lists! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner") @connection(of: "Lisst")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '4:44 - Unknown type "Lists". Did you mean "List" or "Int"?',
      '4:130 - @connection of User.lists is of "Lisst", which is no type. Did you mean "List"?',
    ],
  ],
  [
    'a list of stored ids',
    `
type User @pent(typeId: 1) { id: UUID! friends: [User!] @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:49 - User.friends is the list [User!], and holds one id. Use an edge for lists.'],
  ],
  [
    'a stored id of a plain type',
    `
type Group { name: String }
type User @pent(typeId: 1) { id: UUID! group: Group @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['3:47 - User.group must be of a type marked @pent, or of an interface or union of such types, and is Group.'],
  ],
  [
    'a stored id with arguments',
    `
type User @pent(typeId: 1) { id: UUID! friend(x: Int): User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:47 - User.friend does nothing with the argument "x". Take it away, or make the field @custom.'],
  ],
  [
    'a stored id in a text',
    `
type User @pent(typeId: 1) { id: UUID! boss: String friend: User @genFromStoredId(field: "boss") }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:66 - User.friend loads the id in User.boss, which is no id: make it UUID.'],
  ],
  [
    'a stored id in the id',
    `
type User @pent(typeId: 1) { id: UUID! friend: User @genFromStoredId(field: "id") }
type Query { user(id: UUID!): User @readPent }
`,
    ['2:53 - User.friend cannot store its id in "id". Name an attribute, such as "friendId".'],
  ],
  [
    'an edge over an attribute that is not stored',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "ownr")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:98 - User.lists lists objects by List.ownr, which is not stored. Did you mean "owner"?'],
  ],
  [
    'an onDelete that is none, that is no list of all, or of a required attribute',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner", onDelete: "delet")
  open(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "open", edgeId: 11, field: "owner", where: { done: false }, onDelete: "delete")
  read(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "read", edgeId: 12, field: "reader", onDelete: "clear")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId reader: User! @genFromStoredId done: Boolean }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '4:114 - User.lists has the onDelete "delet", which is none of keep, clear, delete, refuse. Did you mean "delete" or "keep"?',
      '5:136 - User.open has a where and an onDelete: give that to an edge that lists all of its objects.',
      '6:50 - User.read clears List.reader, which is required: make it nullable.',
    ],
  ],
  [
    'an edge over a text',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: String }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:98 - User.lists lists objects by List.owner, which is no id: make it UUID, or @genFromStoredId.'],
  ],
  [
    'an edge over ids of another type',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: List @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:105 - User.lists lists objects by List.owner, which holds ids of List, not of User.'],
  ],
  [
    'an edge that creation cannot fill',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! name: String owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
type Mutation { createList(data: ListData!): ListPayload @createPent }
type ListPayload @pentMutationPayload { list: List }
input ListData @pentMutationData {
  name: String
}
`,
    [
      '10:7 - ListData has no field "owner", so that User.lists lists nothing that Mutation.createList creates. Add "owner: UUID", or mark the field with @setByServer if a trigger sets it.',
    ],
  ],
  [
    'an edge to a plain type',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List { id: UUID! owner: User @custom }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '4:42 - User.lists must list a type marked @pent, and lists List.',
      '6:35 - @custom stands on List.owner, and belongs on a field of Query or of Mutation or of a type marked @pent.',
    ],
  ],
  [
    'an edge without first',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:3 - User.lists needs the argument "first: Int! = 100".'],
  ],
  [
    'an edge without after',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:3 - User.lists needs the argument "after: UUID".'],
  ],
  [
    'first without a default',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int!, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:9 - The argument "first" of User.lists has no default. Write "first: Int! = 100".'],
  ],
  [
    'first with a default of 0',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 0, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:23 - The default of "first" in User.lists is 0. Make it a number from 1 to 1000.'],
  ],
  [
    'first beyond the cap',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 5000, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:23 - The default of "first" in User.lists is 5000. Make it a number from 1 to 1000.'],
  ],
  [
    'first as text',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: String = "1", after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:16 - The argument "first" of User.lists is String. Make it Int!.'],
  ],
  [
    'an argument of an edge too many',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 1, after: UUID, color: String): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:39 - User.lists does nothing with the argument "color". Take it away, or make the field @custom.'],
  ],
  [
    'a list that may be null',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!] @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    ['4:42 - User.lists is [List!]. Make it [List!]!, or a connection.'],
  ],
  [
    '@connection on a list',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner") @connection
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '4:114 - User.lists has @connection, and [List!]! is no connection type: it needs the fields "edges" and "pageInfo".',
    ],
  ],
  [
    'a connection after an id',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 100, after: UUID): Lists @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
type Lists { edges: [ListEdge!]! pageInfo: PageInfo! }
type ListEdge { cursor: String! node: List! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
`,
    ['4:35 - The argument "after" of User.lists is UUID. Make it String.'],
  ],
  [
    'a connection without pageInfo',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 1, after: String): Lists @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
type Lists { edges: [ListEdge!]!  }
type ListEdge { cursor: String! node: List! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
`,
    ['8:1 - Lists is a connection, and has no field "pageInfo". Add "pageInfo: PageInfo!".'],
  ],
  [
    'an edge type without a cursor',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 1, after: String): Lists @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
type Lists { edges: [ListEdge!]! pageInfo: PageInfo! }
type ListEdge { node: List! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
`,
    ['9:1 - ListEdge is the edge type of a connection, and has no field "cursor". Add it.'],
  ],
  [
    'an own field of a connection',
    `
type User @pent(typeId: 1) {
  id: UUID!
  lists(first: Int! = 1, after: String): Lists @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner")
}
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Query { user(id: UUID!): User @readPent }
type Lists { edges: [ListEdge!]! pageInfo: PageInfo! color: Int }
type ListEdge { cursor: String! node: List! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
`,
    [
      '8:54 - Lists.color is no field of a generated connection. It has edges, pageInfo, nodes, totalCount: take it away, or make User.lists @custom.',
    ],
  ],
  [
    'an inverse edge that is not there',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7, inverse: "b")
}
type Query { user(id: UUID!): User @readPent }
`,
    ['4:77 - User.a names the inverse edge "b", which no field declares. Declare it with @edge on the other type.'],
  ],
  [
    'an inverse edge that is itself',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7, inverse: "a")
}
type Query { user(id: UUID!): User @readPent }
`,
    ['4:77 - User.a names its own edge "a" as the inverse. Name another @edge.'],
  ],
  [
    'an inverse edge of one side',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7, inverse: "b")
  b(first: Int = 1, after: UUID): [User!]! @edge(name: "b", id: 8)
}
type Query { user(id: UUID!): User @readPent }
`,
    ['4:77 - User.a names "b" of User.b as the inverse edge, but not the other way round. Write inverse: "a" there.'],
  ],
  [
    'an inverse edge that leads elsewhere',
    `
type User @pent(typeId: 1) {
  id: UUID!
  a(first: Int = 1, after: UUID): [User!]! @edge(name: "a", id: 7, inverse: "b")
  b(first: Int = 1, after: UUID): [Tag!]! @edge(name: "b", id: 8, inverse: "a")
}
type Tag @pent(typeId: 2) { id: UUID! }
type Query { user(id: UUID!): User @readPent }
`,
    [
      '4:77 - The inverse edge "b" of User.a leads from User to Tag, and must lead from User to User.',
      '5:76 - The inverse edge "a" of User.b leads from User to User, and must lead from Tag to User.',
    ],
  ],
  [
    'a field of Query without a directive',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User }
`,
    [
      '3:14 - Query.user does not say where its value comes from: @readPent, @browsePents, @pentFromIndex, @custom or @customGen.',
    ],
  ],
  [
    'a read without id',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user: User @readPent }
`,
    ['3:14 - Query.user needs the argument "id: UUID!".'],
  ],
  [
    'a read by text',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: String!): User @readPent }
`,
    ['3:23 - The argument "id" of Query.user is String!. Make it UUID!.'],
  ],
  [
    'a read of what must be there',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User! @readPent }
`,
    ['3:31 - Query.user is User!, but there may be no such object, or a hidden one. Write User.'],
  ],
  [
    'a read of a list',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): [User!]! @readPent }
`,
    ['3:31 - Query.user is [User!]!, and reads one object. Write User.'],
  ],
  [
    'a read of a plain type',
    `
type Group { name: String }
type Query { group(id: UUID!): Group @readPent }
`,
    ['3:32 - Query.group reads Group, which is not marked @pent.'],
  ],
  [
    'a page that may hold null',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { users(first: Int! = 10, after: UUID): [User]! @browsePents }
`,
    ['3:52 - Query.users is [User]!. Make it [User!]!.'],
  ],
  [
    'a page without arguments',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { users: [User!]! @browsePents }
`,
    [
      '3:14 - Query.users needs the argument "after: UUID".',
      '3:14 - Query.users needs the argument "first: Int! = 100".',
    ],
  ],
  [
    'pages of a type from both ends, with defaults, a bound and a place that is no id',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { users(first: Int! = 10, last: Int! = 10, before: String, name: String): [User!]! @browsePents
  tail(last: Int): [User!]! @browsePents }
`,
    [
      '3:34 - "first" of Query.users has a default, and clients may give "last" instead. Take the default away: a page has 100 entries then.',
      '3:51 - "last" of Query.users has a default, and clients may give "first" instead. Take the default away: a page has 100 entries then.',
      '3:63 - The argument "before" of Query.users is String. Make it UUID.',
      '3:71 - Query.users does nothing with the argument "name". Take it away, or make the field @custom.',
      '4:8 - The argument "last" of Query.tail has no default. Write "last: Int! = 100".',
    ],
  ],
  [
    'a page of a plain type',
    `
type Group { name: String }
type Query { groups(first: Int! = 10, after: UUID): [Group!]! @browsePents }
`,
    ['3:53 - Query.groups lists Group, which is not marked @pent.'],
  ],
  [
    'an index that is not there',
    `
type User @pent(typeId: 1) { id: UUID! name: String @unique }
type Query { user(name: String!): User @pentFromIndex(index: "user_nam") }
`,
    ['3:40 - Query.user looks in the index "user_nam", which no field declares. Did you mean "user_name"?'],
  ],
  [
    'an index of another type',
    `
type Tag @pent(typeId: 2) { id: UUID! }
type User @pent(typeId: 1) { id: UUID! name: String @unique }
type Query { tag(name: String!): Tag @pentFromIndex(index: "user_name") }
`,
    ['4:34 - Query.tag gives Tag, but the index "user_name" holds User.'],
  ],
  [
    'an index looked up by the wrong type',
    `
type User @pent(typeId: 1) { id: UUID! name: String @unique }
type Query { user(name: Int!): User @pentFromIndex(index: "user_name") }
`,
    ['3:25 - The argument "name" of Query.user is Int!. Make it String!.'],
  ],
  [
    'a list from a unique index',
    `
type User @pent(typeId: 1) { id: UUID! name: String @unique }
type Query { users(name: String!, first: Int! = 5, after: UUID): [User!]! @pentFromIndex(index: "user_name") }
`,
    ['3:66 - Query.users is [User!]!, but "user_name" is unique: one object at most. Write User.'],
  ],
  [
    'a field of Mutation without a directive',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser: UserPayload }
`,
    [
      '5:17 - Mutation.createUser has no directive that says its effect: @createPent, @updatePent, @deletePent or @customMutation.',
    ],
  ],
  [
    'a create without data',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser: UserPayload @createPent }
`,
    ['5:17 - Mutation.createUser needs the argument "data: CreateUserData!".'],
  ],
  [
    'data that may be null',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData): UserPayload @createPent }
`,
    ['6:34 - The argument "data" of Mutation.createUser is UserData. Make it UserData!.'],
  ],
  [
    'data without its mark',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['4:1 - UserData is the data of Mutation.createUser. Mark it with @pentMutationData.'],
  ],
  [
    'data of what is not stored',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String! nam: Int }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['4:50 - UserData.nam is no stored attribute of User. Did you mean "name"?'],
  ],
  [
    'data of another type',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: Int! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['4:42 - UserData.name is Int!, but User.name is a text.'],
  ],
  [
    'data without what is required',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { id: Int }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    [
      '4:1 - UserData has no field "name", which every User needs: Mutation.createUser would always fail. Add "name: String!", or mark User.name with @setByServer if a trigger sets it.',
      '4:36 - UserData.id is no stored attribute of User. Add it to User, or take it away.',
    ],
  ],
  [
    'an update with a default',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String = "x" }
type Query { user(id: UUID!): User @readPent }
type Mutation { updateUser(id: UUID!, data: UserData!): UserPayload @updatePent }
`,
    ['4:36 - UserData.name has a default, which each update would write. Take the default away.'],
  ],
  [
    'an update of everything',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { updateUser(id: UUID!, data: UserData!): UserPayload @updatePent }
`,
    ['4:42 - UserData.name is String!, so that nobody can leave it as it is. Write String.'],
  ],
  [
    'an update without id',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
input UserData @pentMutationData { name: String }
type Query { user(id: UUID!): User @readPent }
type Mutation { updateUser(data: UserData!): UserPayload @updatePent }
`,
    ['6:17 - Mutation.updateUser needs the argument "id: UUID!".'],
  ],
  [
    'a payload without its mark',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload { user: User }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['6:46 - Mutation.createUser gives UserPayload, which is no payload. Mark it with @pentMutationPayload.'],
  ],
  [
    'a payload with two fields',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User ok: Boolean }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['3:52 - UserPayload has 2 fields, and a payload has one. Take the others away.'],
  ],
  [
    'a payload that must be there',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User! }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['3:47 - UserPayload.user is User!, but a viewer may write objects that it cannot read. Write User.'],
  ],
  [
    'a payload that is no object',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): Boolean @createPent }
`,
    ['5:46 - Mutation.createUser must give a payload with one field, and gives Boolean.'],
  ],
  [
    'a payload of a plain type',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Group { name: String }
type UserPayload @pentMutationPayload { group: Group }
input UserData @pentMutationData { name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { createUser(data: UserData!): UserPayload @createPent }
`,
    ['7:46 - Mutation.createUser writes Group, which is not marked @pent.'],
  ],
  [
    'a delete of what is not there',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Gone @pentMutationPayload { deletedId: UUID }
type Query { user(id: UUID!): User @readPent }
type Mutation { deleteUser(id: UUID!): Gone @deletePent(type: "Usr") }
`,
    ['5:45 - Mutation.deleteUser writes Usr, which is not marked @pent. Did you mean "User"?'],
  ],
  [
    'a delete with the payload of an update',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type UserPayload @pentMutationPayload { user: User }
type Query { user(id: UUID!): User @readPent }
type Mutation { deleteUser(id: UUID!): UserPayload @deletePent(type: "User") }
`,
    ['3:41 - UserPayload.user is User, but Mutation.deleteUser gives "deletedId: UUID".'],
  ],
  [
    'a custom mutation without data',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
type Query { user(id: UUID!): User @readPent }
type Mutation { poke: Boolean @customMutation }
`,
    ['4:17 - Mutation.poke needs the argument "data", as every @customMutation. Without one, make it @custom.'],
  ],
  [
    'a union with a root type',
    `
type User @pent(typeId: 1) { id: UUID! name: String! }
union Anyone = User | Query
type Query { user(id: UUID!): User @readPent any: Anyone @custom }
`,
    ['3:23 - The union Anyone holds Query, where operations begin: no value is one. Take it out.'],
  ],
  [
    'a union with a plain type, read by id',
    `
type User @pent(typeId: 1) { id: UUID! name: String! friend: Anyone @genFromStoredId }
type Group { name: String }
union Anyone = User | Group
type Query { anyone(id: UUID!): Anyone @readPent }
`,
    [
      '2:62 - User.friend must be of a type marked @pent, or of an interface or union of such types, and is Anyone.',
      '5:33 - Query.anyone reads Anyone, which is not marked @pent.',
    ],
  ],
  [
    'a root type with another name',
    `
schema { query: Root }
type Root { x: Int @custom }
`,
    ['2:17 - The root type of query is called Root. Call it Query.'],
  ],
  [
    'hidden fields that something tells of',
    `
type User @pent(typeId: 1) {
  id: UUID! @visible(rule: "a")
  name: String! @visible(rule: "b")
  email: String @unique @visible(rule: "not a name")
  ownerId: UUID @visible(rule: "c")
  owner: User @genFromStoredId(field: "ownerId") @visible(rule: "d")
  owned(first: Int! = 10, after: UUID): [User!]!
    @edgeToStoredId(edgeName: "owned", edgeId: 1, field: "ownerId", colocate: true) @visible(rule: "e")
  shout: String @custom @visible(rule: "f")
}
type Query { user(id: UUID!): User @readPent word: String @custom @visible(rule: "g") }
`,
    [
      '3:13 - User.id is on every object. Take @visible away.',
      '4:9 - User.name is String!, but those who may not see it get null. Write String.',
      '5:25 - The rule of User.email is "not a name". Make it a name, such as "onlyOwner".',
      '5:25 - User.email has @visible and @unique, so that the error of a write would tell that a value is taken. Make it @index.',
      '6:17 - User.ownerId has @visible, and the edge "owned" is colocated by it: ids would tell the shard of the hidden object. Take "colocate" away.',
      '7:50 - User.owner has another rule than the field with the same id. Make them one.',
      '9:85 - User.owned has @visible, but is not stored: a method decides itself what it gives. Take @visible away.',
      '10:25 - User.shout has @visible, but is not stored: a method decides itself what it gives. Take @visible away.',
      '12:67 - @visible stands on Query.word, and belongs on a field of a type marked @pent.',
    ],
  ],
];
