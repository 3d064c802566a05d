import type { GraphQLSchema } from 'graphql';
import { filter, first, fn, get, inhibitOnNull, lambda, makeSchema, type PlanResolver, type Step } from 'planql';
import {
  browseObjects,
  countEdges,
  loadEdgeObjects,
  loadEdges,
  loadIndex,
  loadIndexObjects,
  loadObject,
  loadObjects,
} from 'planql/kvetch';

const typeDefs = /* GraphQL */ `
  type Query {
    films(first: Int! = 100, after: String): FilmPage!
    filmsOfYear(year: Int!, first: Int! = 100, after: String): FilmPage!
    filmsByTitle(title: String!): [Film!]!
    director(name: String!): Director
    distributor(name: String!): Distributor
  }

  "A part of a list. There is more after it when hasNextPage says so: ask for it with after: endCursor."
  type FilmPage {
    films: [Film!]!
    hasNextPage: Boolean!
    endCursor: String
  }

  type Film {
    id: ID!
    title: String
    year: Int!
    released: String!
    genre: String
    rating: String
    minutes: Int
    budget: Int
    "In dollars, which are more than an Int can count."
    gross: Float
    imdbRating: Float
    director: Director
    distributor: Distributor
    "The other films of this film's director; null where nobody knows the director."
    byTheSameDirector: [Film!]
  }

  type Director {
    name: String!
    filmCount: Int!
    films(first: Int! = 100, after: String): FilmPage!
  }

  type Distributor {
    name: String!
    filmCount: Int!
    films(first: Int! = 100, after: String): FilmPage!
  }
`;

const isOther = fn('movies.isOther', ([id, own]: readonly [string, string]) => id !== own);

/** All films of the director but this one. For all films in a response together, this is one read of lists and one of films. */
const byTheSameDirector: PlanResolver = ($film) => {
  const $director: Step<string> = inhibitOnNull(get($film, 'director'));
  const $films = loadObjects(loadEdges('director_films', $director));
  return filter($films, ($other) => lambda([get($other, 'id'), get($film, 'id')], isOther));
};

export const schema: GraphQLSchema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        films: (_$root, { $first, $after }) => browseObjects('Film', { $first, $after }),
        filmsOfYear: (_$root, { $year, $first, $after }) => loadIndexObjects('year', $year, { $first, $after }),
        filmsByTitle: (_$root, { $title }) => loadObjects(loadIndex('title', $title)),
        director: (_$root, { $name }) => first(loadObjects(loadIndex('director_name', $name))),
        distributor: (_$root, { $name }) => first(loadObjects(loadIndex('distributor_name', $name))),
      },
    },
    FilmPage: { plans: { films: ($page) => get($page, 'objects') } },
    Film: {
      plans: {
        director: ($film) => loadObject(get($film, 'director')),
        distributor: ($film) => loadObject(get($film, 'distributor')),
        byTheSameDirector,
      },
    },
    Director: { plans: listing('director_films') },
    Distributor: { plans: listing('distributor_films') },
  },
});

function listing(edge: string): Record<'filmCount' | 'films', PlanResolver> {
  return {
    filmCount: ($owner) => countEdges(edge, get($owner, 'id')),
    films: ($owner, { $first, $after }) => loadEdgeObjects(edge, get($owner, 'id'), { $first, $after }),
  };
}
