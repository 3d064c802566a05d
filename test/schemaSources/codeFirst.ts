import SchemaBuilder from '@pothos/core';
import type { GraphQLSchema } from 'graphql';
import * as nexus from 'nexus';
import { constant, context, each, get, loader, loadMany, loadOne } from '../../steps/index.ts';

export interface Author {
  readonly id: string;
  readonly name: string;
}

export interface Book {
  readonly title: string;
  readonly authorId: string;
}

export const authors: readonly Author[] = [
  { id: '1', name: 'Ada' },
  { id: '2', name: 'Zoë' },
];

export const books: readonly Book[] = [
  { title: 'Engines', authorId: '1' },
  { title: 'Notes', authorId: '1' },
  { title: 'Été', authorId: '2' },
];

/** The loaders' calls of one request. */
export interface Calls {
  readonly calls: string[];
}

const authorById = loader<Author, string>({
  name: 'test.sources.authorById',
  load(ids, { context: given }) {
    (given as unknown as Calls).calls.push(`authors ${ids}`);
    return ids.map((id) => authors.find((author) => author.id === id) ?? null);
  },
});

const booksOf = loader<readonly Book[], string>({
  name: 'test.sources.booksOf',
  load(ids, { context: given }) {
    (given as unknown as Calls).calls.push(`books of ${ids}`);
    return ids.map((id) => books.filter(({ authorId }) => authorId === id));
  },
});

/** What `extensions.planql` holds of the fields that have plans: the same in every library. */
const plans = {
  author: { planql: { plan: ($book: never) => loadOne(get($book, 'authorId'), authorById) } },
  books: { planql: { plan: ($author: never) => loadMany(get($author, 'id'), booksOf) } },
  authors: { planql: { plan: () => each(constant(authors.map(({ id }) => id)), ($id) => loadOne($id, authorById)) } },
  viewer: { planql: { plan: () => get(context(), 'viewer') } },
};

/** The schema in Pothos: its `extensions` go onto the fields as they are. */
export function pothosSchema(): GraphQLSchema {
  const builder = new SchemaBuilder<{ Objects: { Author: Author; Book: Book } }>({});
  builder.objectType('Author', {
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      shout: t.string({ resolve: ({ name }) => `${name.toUpperCase()}!` }),
      books: t.field({ type: ['Book'], extensions: plans.books, resolve: unplanned }),
    }),
  });
  builder.objectType('Book', {
    fields: (t) => ({
      title: t.exposeString('title'),
      author: t.field({ type: 'Author', extensions: plans.author, resolve: unplanned }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      authors: t.field({ type: ['Author'], extensions: plans.authors, resolve: unplanned }),
      books: t.field({ type: ['Book'], resolve: () => [...books] }),
      viewer: t.string({ extensions: plans.viewer, resolve: unplanned }),
    }),
  });
  return builder.toSchema();
}

/** The same schema in Nexus. */
export function nexusSchema(): GraphQLSchema {
  const author = nexus.objectType({
    name: 'Author',
    definition(t) {
      t.id('id');
      t.string('name');
      t.string('shout', { resolve: ({ name }: Author) => `${name.toUpperCase()}!` });
      t.list.field('books', { type: 'Book', extensions: plans.books });
    },
  });
  const book = nexus.objectType({
    name: 'Book',
    definition(t) {
      t.string('title');
      t.field('author', { type: 'Author', extensions: plans.author });
    },
  });
  const query = nexus.queryType({
    definition(t) {
      t.list.field('authors', { type: 'Author', extensions: plans.authors });
      t.list.field('books', { type: 'Book', resolve: () => books });
      t.string('viewer', { extensions: plans.viewer });
    },
  });
  return nexus.makeSchema({ types: [author, book, query], shouldGenerateArtifacts: false });
}

/** Pothos wants a resolver for each field; a plan takes its place. */
function unplanned(): never {
  throw new Error('This field is planned.');
}
