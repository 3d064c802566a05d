import { createKvetch, defineKvetchSchema, type Kvetch, type KvetchSchema, memoryShards } from 'planql/kvetch';

export const storeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    {
      typeId: 1,
      name: 'Film',
      // Nothing is required but what every film has: gaps in the data are gaps in the store.
      fields: {
        title: 'string',
        year: { kind: 'int', required: true },
        released: { kind: 'string', required: true },
        genre: 'string',
        rating: 'string',
        minutes: 'int',
        budget: 'int',
        gross: 'int',
        imdbRating: 'float',
        director: 'uuid',
        distributor: 'uuid',
      },
    },
    { typeId: 2, name: 'Director', fields: { name: { kind: 'string', required: true } } },
    { typeId: 3, name: 'Distributor', fields: { name: { kind: 'string', required: true } } },
  ],
  edges: [
    { edgeId: 1, name: 'director_films', from: 'Director', storedOn: 'Film', storedIdAttr: 'director' },
    {
      edgeId: 2,
      name: 'distributor_films',
      from: 'Distributor',
      storedOn: 'Film',
      storedIdAttr: 'distributor',
    },
  ],
  indexes: [
    { name: 'title', type: 'Film', attr: 'title', kind: 'string' }, // two films are called "Crash"
    { name: 'year', type: 'Film', attr: 'year', kind: 'int' },
    { name: 'director_name', type: 'Director', attr: 'name', kind: 'string', unique: true },
    { name: 'distributor_name', type: 'Distributor', attr: 'name', kind: 'string', unique: true },
  ],
});

export function openStore(): Kvetch {
  return createKvetch({ schema: storeSchema, shards: memoryShards(3) });
}
