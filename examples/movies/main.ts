/** Real data in Kvetch, and what asking for it costs: `npm run example:movies`. */
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { importFilms } from './importFilms.ts';
import { schema } from './schema.ts';
import { openStore } from './store.ts';

const queries: Readonly<Record<string, string>> = {
  'Two films of one title': /* GraphQL */ `
    { filmsByTitle(title: "Crash") { title year director { name } distributor { name } gross } }
  `,
  'Gaps are null: nobody knows who directed this one': /* GraphQL */ `
    { filmsByTitle(title: "1776") { title released minutes director { name } byTheSameDirector { title } } }
  `,
  "A year's first films, and their directors' other films": /* GraphQL */ `
    {
      filmsOfYear(year: 1977, first: 3) {
        films { title director { name } byTheSameDirector { title year } }
        hasNextPage
      }
    }
  `,
  'A director and a distributor': /* GraphQL */ `
    {
      director(name: "Steven Spielberg") { filmCount films(first: 3) { films { title year distributor { name filmCount } } } }
      distributor(name: "IFC Films") { filmCount films(first: 2) { films { title year } } }
    }
  `,
};

const kvetch = openStore();
console.log(`${await importFilms(kvetch)} films were imported.`);
const engine = createEngine({ schema });
for (const [title, query] of Object.entries(queries)) {
  kvetch.stats.reset();
  const result = await engine.execute({ document: parse(query), contextValue: { kvetch } });
  const { rounds, keys } = kvetch.stats;
  const json = JSON.stringify(result, null, 2);
  console.log(`\n== ${title}`);
  console.log(json.replace(/\{[^{}[\]]*\}/g, (leaves) => leaves.replace(/\s*\n\s*/g, ' ')));
  console.log(`${rounds} reads of the store, for ${keys} keys`);
}
await kvetch.close();
