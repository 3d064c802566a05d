import { parse } from 'graphql';
import { execute } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { importFilms, type Row, readRows } from '../../examples/movies/importFilms.ts';
import { schema } from '../../examples/movies/schema.ts';
import { openStore } from '../../examples/movies/store.ts';
import { plain, printed } from './printed.ts';

const test = suite('examples/movies');

let kvetch: Kvetch;
let rows: Row[];

test.before(async () => {
  rows = await readRows();
  kvetch = openStore();
  assert.is(await importFilms(kvetch), 3201);
});

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
async function ask(source: string, variableValues = {}): Promise<any> {
  const result = await execute({ schema, document: parse(source), variableValues, contextValue: { kvetch } });
  assert.not('errors' in result, JSON.stringify(result.errors));
  return plain(result.data);
}

interface Film {
  readonly id: string;
  readonly title: string | null;
  readonly year: number;
  readonly released: string;
  readonly genre: string | null;
  readonly rating: string | null;
  readonly minutes: number | null;
  readonly budget: number | null;
  readonly gross: number | null;
  readonly imdbRating: number | null;
  readonly director: { readonly name: string } | null;
  readonly distributor: { readonly name: string } | null;
}

const page = /* GraphQL */ `
  query ($first: Int!, $after: String) {
    films(first: $first, after: $after) {
      films {
        id title year released genre rating minutes budget gross imdbRating director { name } distributor { name }
      }
      hasNextPage
      endCursor
    }
  }
`;

async function allFilms(first: number): Promise<Film[]> {
  const all: Film[] = [];
  for (let after: string | null = null; ; ) {
    const { films } = await ask(page, { first, after });
    all.push(...films.films);
    if (!films.hasNextPage) return all;
    after = films.endCursor;
  }
}

test('paging through everything gives each of the 3,201 films once, as the file has it', async () => {
  const films = await allFilms(97);
  assert.is(films.length, 3201);
  assert.is(new Set(films.map(({ id }) => id)).size, 3201);
  const expected = rows.map((row) => [
    row.Title === null ? null : String(row.Title),
    row['Major Genre'],
    row['MPAA Rating'],
    row['Running Time min'],
    row['Production Budget'],
    row['Worldwide Gross'],
    row['IMDB Rating'],
    row.Director,
    row.Distributor,
  ]);
  const seen = films.map((film) => [
    film.title,
    film.genre,
    film.rating,
    film.minutes,
    film.budget,
    film.gross,
    film.imdbRating,
    film.director?.name ?? null,
    film.distributor?.name ?? null,
  ]);
  assert.equal(seen.map((film) => JSON.stringify(film)).sort(), expected.map((film) => JSON.stringify(film)).sort());
});

test('the page size makes no difference, and a page is two reads whatever its size', async () => {
  assert.equal(await allFilms(1000), await allFilms(400));
  kvetch.stats.reset();
  await ask(page, { first: 1000 });
  assert.is(kvetch.stats.rounds, 2, 'films; directors and distributors together');
});

test('gaps are nulls', async () => {
  const films = await allFilms(1000);
  const gaps = (name: keyof Film) => films.filter((film) => film[name] === null).length;
  assert.is(gaps('title'), 1);
  assert.is(gaps('director'), 1331);
  assert.is(gaps('distributor'), 232);
  assert.is(gaps('minutes'), 1992);
  assert.is(gaps('budget'), 1);
  assert.is(gaps('gross'), 7);
  assert.is(gaps('imdbRating'), 213);
  const [nameless] = films.filter(({ title }) => title === null);
  assert.is(nameless?.released, '2006-11-03');
  assert.is(nameless?.distributor?.name, 'IFC Films');
});

test('a title finds every film that has it', async () => {
  const byTitle = async (title: string): Promise<Film[]> =>
    (await ask('query ($title: String!) { filmsByTitle(title: $title) { title year gross } }', { title })).filmsByTitle;
  assert.equal((await byTitle('Casino Royale')).map(({ year }) => year).sort(), [1967, 2006]);
  assert.equal(await byTitle('300'), [{ title: '300', year: 2007, gross: 456068181 }]); // a number in the file
  assert.equal(await byTitle('casino royale'), []);
  assert.equal(await byTitle('null'), []);
  assert.equal(
    (await byTitle('Avatar')).map(({ gross }) => gross),
    [2767891499],
  ); // more than an Int can hold
});

test("a film's director's other films", async () => {
  const source =
    '{ filmsByTitle(title: "Avatar") { director { filmCount films { films { title } } } byTheSameDirector { title } } }';
  const [film] = (await ask(source)).filmsByTitle;
  const titles = (films: Film[]) => films.map(({ title }) => title).sort();
  const expected = rows.filter((row) => row.Director === 'James Cameron').map((row) => row.Title);
  assert.equal(titles(film.director.films.films), expected.sort());
  assert.equal(titles(film.byTheSameDirector), expected.filter((title) => title !== 'Avatar').sort());
  assert.is(film.director.filmCount, expected.length);
});

test("a hundred films' directors' other films take as many reads as one's", async () => {
  const source = `query ($first: Int!) {
    filmsOfYear(year: 1999, first: $first) { films { byTheSameDirector { title } } }
  }`;
  for (const first of [2, 100]) {
    kvetch.stats.reset();
    await ask(source, { first });
    assert.is(kvetch.stats.rounds, 4, `${first}`);
  }
});

test('each director and distributor is one, and counts its films', async () => {
  for (const [field, column] of [
    ['director', 'Director'],
    ['distributor', 'Distributor'],
  ] as const) {
    const names = [...new Set(rows.map((row) => row[column]))].filter((name) => name !== null);
    assert.is(names.length, field === 'director' ? 550 : 174);
    for (const name of names.filter((_, index) => index % 10 === 0)) {
      const answer = await ask(`query ($name: String!) { ${field}(name: $name) { name filmCount } }`, { name });
      assert.equal(answer[field], { name, filmCount: rows.filter((row) => row[column] === name).length });
    }
  }
  assert.equal(await ask('{ director(name: "Nobody") { name } }'), { director: null });
});

test('films of a year, and no year of the future', async () => {
  const films = await allFilms(1000);
  for (const year of [1915, 1939, 1999, 2010, 2046]) {
    const answer = await ask(
      'query ($year: Int!) { filmsOfYear(year: $year, first: 1000) { films { id } hasNextPage } }',
      {
        year,
      },
    );
    const ids = films.filter((film) => film.year === year).map(({ id }) => ({ id }));
    assert.equal(answer.filmsOfYear, { films: ids, hasNextPage: false }, `${year}`);
  }
  const years = films.map(({ year }) => year);
  assert.equal([Math.min(...years), Math.max(...years)], [1915, 2011]);
  assert.ok(films.every(({ released }) => !Number.isNaN(Date.parse(released))));
});

test('npm run example:movies', async () => {
  const output = await printed('example:movies');
  assert.match(output, /3201 films were imported/);
  assert.match(output, /"title": "1776", "released": "1972-11-09", "minutes": null, "director": null/);
  assert.match(output, /\d reads of the store/);
  assert.not.match(output, /"errors"/);
});

test.run();
