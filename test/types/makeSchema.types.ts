/** Compiled, never run: what `makeSchema<Types>` must refuse, and what it must let through. */
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { get } from '../../src/step/get.ts';
import type { Step } from '../../src/step/Step.ts';

const typeDefs = 'type Query { a: Int }';

interface User {
  readonly id: string;
  readonly name: string;
}

interface Types {
  Query: {
    fields: {
      user: { args: { id: string }; result: Step<User | null> };
      users: { args: { first?: number | null }; result: Step<ReadonlyArray<User>> };
      viewer: { result: Step<User> };
    };
  };
  User: { parent: Step<User>; fields: { name: { result: Step<string> }; friends: { args: { first: number } } } };
  Subscription: { fields: { userChanged: { args: { id: string }; event: Step<User>; result: Step<User> } } };
  Node: { specifier: Step<{ readonly kind: 'user' | 'group' }> };
}

declare function userById($id: Step<string>): Step<User | null>;
declare function users($first: Step<number | null | undefined>): Step<ReadonlyArray<User>>;
declare function firstUsers($first: Step<number>): Step<ReadonlyArray<User>>;
declare function changes($id: Step<string>): Step<AsyncIterable<User>>;
declare function isFriend(user: User): boolean;

makeSchema<Types>({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => userById($id),
        users: { plan: (_$root, { $first }) => users($first) },
        viewer: { resolve: (_root, _args, { viewer }) => viewer },
      },
    },
    User: {
      plans: {
        name: ($user) => get($user, 'name'),
        friends: { resolve: (user, { first }) => isFriend(user) && first + 1 },
      },
      isTypeOf: (value) => 'name' in value,
    },
    Subscription: {
      plans: { userChanged: { subscribePlan: (_$root, { $id }) => changes($id), plan: ($event) => $event } },
    },
  },
  interfaces: {
    Node: { toSpecifier: ($node) => get($node, 'spec'), planType: ($spec) => ({ $__typename: get($spec, 'kind') }) },
  },
});

// What a step may be asked for is known.
makeSchema<Types>({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: (_$root, fieldArgs) => {
          fieldArgs.typeAt('id');
          const $all: Step<{ id: string }> = fieldArgs.all();
          // @ts-expect-error: no such argument
          fieldArgs.at('di');
          return userById(get($all, 'id'));
        },
      },
    },
  },
});

makeSchema<Types>({
  typeDefs,
  // @ts-expect-error: no such type
  objects: { Usr: { plans: {} } },
});

makeSchema<Types>({
  typeDefs,
  // @ts-expect-error: an interface is no object type
  objects: { Node: { plans: {} } },
});

makeSchema<Types>({
  typeDefs,
  // @ts-expect-error: an object type is no interface
  interfaces: { User: {} },
});

makeSchema<Types>({
  typeDefs,
  // @ts-expect-error: no such field
  objects: { User: { plans: { nmae: ($user: Step<User>) => get($user, 'name') } } },
});

makeSchema<Types>({
  typeDefs,
  // @ts-expect-error: no such setting
  objects: { User: { plan: {} } },
});

makeSchema<Types>({
  typeDefs,
  objects: {
    Query: {
      plans: {
        // @ts-expect-error: a misspelt argument
        user: (_$root, { $di }) => userById($di),
        // @ts-expect-error: the field has no arguments
        viewer: (_$root, { $id }) => userById($id),
        users: {
          // @ts-expect-error: the argument may be null
          plan: (_$root, { $first }) => firstUsers($first),
        },
      },
    },
  },
});

makeSchema<Types>({
  typeDefs,
  objects: {
    Query: {
      plans: {
        // @ts-expect-error: yields a string where a user is wanted
        user: (_$root, { $id }) => $id,
        // @ts-expect-error: may be null
        viewer: () => userById(constant('1')),
        // @ts-expect-error: a value is no step
        users: () => [],
      },
    },
  },
});

makeSchema<Types>({
  typeDefs,
  objects: {
    User: {
      plans: {
        // @ts-expect-error: the parent is a step of User
        name: ($user: Step<number>) => constant(`${$user.id}`),
        friends: {
          // @ts-expect-error: plans are not async
          plan: async ($user) => $user,
        },
      },
      resolvers: {
        // @ts-expect-error: no such argument
        friends: (user, { frist }) => isFriend(user) && frist,
      },
    },
  },
});

makeSchema<Types>({
  typeDefs,
  objects: {
    Subscription: {
      plans: {
        userChanged: {
          // @ts-expect-error: one user is no stream of users
          subscribePlan: (_$root, { $id }) => userById($id),
          // @ts-expect-error: the event is a user, the result must be one
          plan: ($event) => get($event, 'name'),
        },
      },
    },
  },
});

makeSchema<Types>({
  typeDefs,
  interfaces: {
    Node: {
      planType: ($spec) => {
        const $kind: Step<'user' | 'group'> = get($spec, 'kind');
        // @ts-expect-error: the specifier's kind is text
        const $wrong: Step<number> = get($spec, 'kind');
        return { $__typename: $kind ?? $wrong };
      },
      // @ts-expect-error: not what planType is given
      toSpecifier: () => constant(1),
    },
  },
});

// @ts-expect-error: the map itself is checked
makeSchema<{ Query: { fields: { user: { arg: { id: string } } } } }>({ typeDefs });

// Without a map, everything goes, and arguments need no check for undefined.
makeSchema({
  typeDefs,
  objects: {
    Anything: {
      plans: { field: ($parent, { $id }) => userById($id) ?? get($parent, 'x'), other: { resolve: (root) => root.x } },
      resolvers: { third: (_root, { id }, context) => context.load(id) },
    },
  },
  unions: { U: { planType: ($spec) => ({ $__typename: get($spec, 'kind') }) } },
  enums: { Color: { RED: 1 }, Size: { values: { S: 1 }, apply: { S: (target) => target.small() } } },
  inputObjects: { I: { apply: { x: (target, value) => target.where(value) } } },
  scalars: { Date: { serialize: (date) => date.toISOString() } },
});

// @ts-expect-error: no such setting
makeSchema({ typeDefs, object: {} });
