/** Where the characters live: think of a service in another building. Every method is one call, and calls are counted. */

export interface Character {
  readonly kind: 'Human' | 'Droid';
  readonly id: string;
  readonly name: string;
  readonly friendIds: readonly string[];
  readonly appearsIn: readonly Episode[];
  readonly homePlanet?: string;
  readonly primaryFunction?: string;
  readonly starshipIds?: readonly string[];
}

export interface Starship {
  readonly kind: 'Starship';
  readonly id: string;
  readonly name: string;
  readonly length: number;
}

export type Episode = 'NEWHOPE' | 'EMPIRE' | 'JEDI';

const all: readonly Episode[] = ['NEWHOPE', 'EMPIRE', 'JEDI'];

const characters: ReadonlyMap<string, Character> = byId([
  human('1000', 'Luke Skywalker', ['1002', '1003', '2000', '2001'], all, 'Tatooine', ['3001', '3003']),
  human('1001', 'Darth Vader', ['1004'], all, 'Tatooine', ['3002']),
  human('1002', 'Han Solo', ['1000', '1003', '2001'], all, undefined, ['3000', '3003']),
  human('1003', 'Leia Organa', ['1000', '1002', '2000', '2001'], all, 'Alderaan', []),
  human('1004', 'Wilhuff Tarkin', ['1001'], ['NEWHOPE'], undefined, []),
  droid('2000', 'C-3PO', ['1000', '1002', '1003', '2001'], all, 'Protocol'),
  droid('2001', 'R2-D2', ['1000', '1002', '1003'], all, 'Astromech'),
]);

const starships: ReadonlyMap<string, Starship> = byId([
  { kind: 'Starship', id: '3000', name: 'Millennium Falcon', length: 34.37 },
  { kind: 'Starship', id: '3001', name: 'X-Wing', length: 12.5 },
  { kind: 'Starship', id: '3002', name: 'TIE Advanced x1', length: 9.2 },
  { kind: 'Starship', id: '3003', name: 'Imperial shuttle', length: 20 },
]);

export class Source {
  calls = 0;

  /** The characters with these ids, in the order of the ids; null where there is none. */
  async characters(ids: readonly string[]): Promise<Array<Character | null>> {
    this.calls++;
    return ids.map((id) => characters.get(id) ?? null);
  }

  async starships(ids: readonly string[]): Promise<Array<Starship | null>> {
    this.calls++;
    return ids.map((id) => starships.get(id) ?? null);
  }

  /** For each text, the people and films that have it in their name. */
  async search(texts: readonly string[]): Promise<Array<Array<Character | Starship>>> {
    this.calls++;
    const things = [...characters.values(), ...starships.values()];
    return texts.map((text) => things.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())));
  }
}

/** Luke is the hero of The Empire Strikes Back, R2-D2 that of the saga. */
export function heroOf(episode: Episode | null | undefined): string {
  return episode === 'EMPIRE' ? '1000' : '2001';
}

function human(
  id: string,
  name: string,
  friendIds: readonly string[],
  appearsIn: readonly Episode[],
  homePlanet: string | undefined,
  starshipIds: readonly string[],
): Character {
  return {
    kind: 'Human',
    id,
    name,
    friendIds,
    appearsIn,
    starshipIds,
    ...(homePlanet !== undefined && { homePlanet }),
  };
}

function droid(
  id: string,
  name: string,
  friendIds: readonly string[],
  appearsIn: readonly Episode[],
  primaryFunction: string,
): Character {
  return { kind: 'Droid', id, name, friendIds, appearsIn, primaryFunction };
}

function byId<T extends { readonly id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}
