/** The same fields as plans. A plan resolver says what to load; when, and for how many at once, is planql's business. */
import { each, fn, get, lambda, loader, loadMany, loadOne, type PlanResolver } from 'planql';
import { type Character, heroOf } from './source.ts';

// What each loader makes of a list of keys is a list of as many values: one call to the source.
const characterById = loader({
  name: 'starWars.characterById',
  load: (ids: readonly string[], { context }) => context.source.characters(ids),
});
const starshipById = loader({
  name: 'starWars.starshipById',
  load: (ids: readonly string[], { context }) => context.source.starships(ids),
});
const search = loader({
  name: 'starWars.search',
  load: (texts: readonly string[], { context }) => context.source.search(texts),
});

const heroId = fn('starWars.heroOf', heroOf);
const ifHuman = fn('starWars.ifHuman', (character: Character | null) =>
  character?.kind === 'Human' ? character : null,
);
const ifDroid = fn('starWars.ifDroid', (character: Character | null) =>
  character?.kind === 'Droid' ? character : null,
);

const friends: PlanResolver = ($character) => each(get($character, 'friendIds'), ($id) => loadOne($id, characterById));

export const plans: Readonly<Record<string, Readonly<Record<string, PlanResolver>>>> = {
  Query: {
    hero: (_$root, { $episode }) => loadOne(lambda($episode, heroId), characterById),
    human: (_$root, { $id }) => lambda(loadOne($id, characterById), ifHuman),
    droid: (_$root, { $id }) => lambda(loadOne($id, characterById), ifDroid),
    search: (_$root, { $text }) => loadMany($text, search),
  },
  Human: {
    friends,
    starships: ($human) => each(get($human, 'starshipIds'), ($id) => loadOne($id, starshipById)),
  },
  Droid: { friends },
};
