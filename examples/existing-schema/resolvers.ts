/** The schema as it was before planql: SDL, and a resolver for every field that is not just a property. */
import type { GraphQLFieldResolver } from 'graphql';
import { type Character, heroOf, type Source, type Starship } from './source.ts';

export const typeDefs = /* GraphQL */ `
  type Query {
    hero(episode: Episode): Character
    human(id: ID!): Human
    droid(id: ID!): Droid
    search(text: String!): [SearchResult!]!
  }

  enum Episode { NEWHOPE EMPIRE JEDI }

  interface Character {
    id: ID!
    name: String!
    friends: [Character]!
    appearsIn: [Episode!]!
  }

  type Human implements Character {
    id: ID!
    name: String!
    friends: [Character]!
    appearsIn: [Episode!]!
    homePlanet: String
    starships: [Starship]!
  }

  type Droid implements Character {
    id: ID!
    name: String!
    friends: [Character]!
    appearsIn: [Episode!]!
    primaryFunction: String
  }

  type Starship {
    id: ID!
    name: String!
    length: Float!
  }

  union SearchResult = Human | Droid | Starship
`;

export interface Context {
  readonly source: Source;
}

// biome-ignore lint/suspicious/noExplicitAny: a resolver map is typed by what its resolvers say
type Resolvers = Readonly<Record<string, Readonly<Record<string, GraphQLFieldResolver<any, Context>>>>>;

export const resolvers: Resolvers = {
  Query: {
    hero: (_root, { episode }, context) => character(heroOf(episode), context),
    human: (_root, { id }, context) => character(id, context, 'Human'),
    droid: (_root, { id }, context) => character(id, context, 'Droid'),
    search: async (_root, { text }, { source }) => (await source.search([text]))[0],
  },
  // One call to the source for each friend and each ship: the N+1 that plans are about to remove.
  Human: {
    friends: ({ friendIds }: Character, _args, context) => friendIds.map((id) => character(id, context)),
    starships: ({ starshipIds = [] }: Character, _args, { source }) =>
      starshipIds.map(async (id) => (await source.starships([id]))[0]),
  },
  Droid: {
    friends: ({ friendIds }: Character, _args, context) => friendIds.map((id) => character(id, context)),
  },
};

/** The object type behind a Character or a SearchResult. */
export const resolveType = ({ kind }: Character | Starship): string => kind;

async function character(id: string, { source }: Context, kind?: Character['kind']): Promise<Character | null> {
  const [found] = await source.characters([id]);
  return found && (kind === undefined || found.kind === kind) ? found : null;
}
