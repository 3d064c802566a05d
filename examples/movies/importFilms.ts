/** Imports the 3,201 films of the package vega-datasets: real data, gaps and all. */
import { readFile } from 'node:fs/promises';
import type { Kvetch } from 'planql/kvetch';

/** A film as the file has it. Any of it may be missing, and a title that looks like a number is one. */
export interface Row {
  readonly Title: string | number | null;
  readonly 'Release Date': string;
  readonly Director: string | null;
  readonly Distributor: string | null;
  readonly 'Major Genre': string | null;
  readonly 'MPAA Rating': string | null;
  readonly 'Running Time min': number | null;
  readonly 'Production Budget': number | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'IMDB Rating': number | null;
}

export async function readRows(): Promise<Row[]> {
  const file = new URL('../data/movies.json', import.meta.resolve('vega-datasets')); // it lies beside the package's code
  return JSON.parse(await readFile(file, 'utf8'));
}

/** First the people that films point to, then the films: so the ids to point to are there. Returns how many films. */
export async function importFilms(kvetch: Kvetch): Promise<number> {
  const rows = await readRows();
  const directors = await createNamed(kvetch, 'Director', new Set(rows.map((row) => row.Director)));
  const distributors = await createNamed(kvetch, 'Distributor', new Set(rows.map((row) => row.Distributor)));
  const films = rows.map((row) => ({
    title: row.Title === null ? null : String(row.Title),
    ...released(row['Release Date']),
    genre: row['Major Genre'],
    rating: row['MPAA Rating'],
    minutes: row['Running Time min'],
    budget: row['Production Budget'],
    gross: row['Worldwide Gross'],
    imdbRating: row['IMDB Rating'],
    director: directors.get(row.Director) ?? null,
    distributor: distributors.get(row.Distributor) ?? null,
  }));
  return (await create(kvetch, 'Film', films)).length;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Jun 12 1998" as a year and an ISO date. The file ends in 2011: what is later was 1915 to 1946, with two digits. */
function released(date: string): { year: number; released: string } {
  const [month = '', day = '', written = ''] = date.split(' ');
  const year = Number(written) > 2011 ? Number(written) - 100 : Number(written);
  return { year, released: `${year}-${String(months.indexOf(month) + 1).padStart(2, '0')}-${day}` };
}

async function createNamed(kvetch: Kvetch, type: string, found: Set<string | null>): Promise<Map<unknown, string>> {
  const names = [...found].filter((name) => name !== null);
  const ids = await create(
    kvetch,
    type,
    names.map((name) => ({ name })),
  );
  return new Map(names.map((name, index) => [name, ids[index] as string]));
}

async function create(
  kvetch: Kvetch,
  type: string,
  objects: ReadonlyArray<Record<string, unknown>>,
): Promise<string[]> {
  const entries = await kvetch.createObjects(
    type,
    objects.map((data) => ({ data })),
  );
  return entries.map((entry) => {
    if (entry instanceof Error) throw entry;
    return entry;
  });
}
