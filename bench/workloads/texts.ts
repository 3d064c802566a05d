const names: readonly string[] = [
  'Ada Lovelace',
  'Jürgen Müller',
  'Зоя Петрова',
  '山田太郎',
  'Zoë 🦉 Fawkes',
  'Miles O’Brien',
  'Grace "Amazing" Hopper',
  'Alan Turing',
  'Søren Kierkegaard',
  'Barbara Liskov',
];

const words: readonly string[] = [
  'buy oat milk',
  'call the Straße office',
  'water the plants',
  'book tickets to Kraków',
  'прочитать главу',
  'fix the bike',
  '買い物に行く',
  'write to Zoë 💌',
  'return library books',
  'pay the electricity bill before Friday',
];

/** A name for the n-th person: six of ten are plain ASCII or nearly so, one needs escaping in JSON. */
export function nameOf(n: number): string {
  return `${names[n % names.length]} ${n}`;
}

/** A short text of a kind that people type. */
export function textOf(n: number): string {
  return `${words[(n * 7 + 3) % words.length]} (${n})`;
}

/** A batch function over a map from key to value; a key without one gives null. */
export function lookup<T>(
  values: ReadonlyMap<unknown, T>,
): (keys: readonly unknown[]) => Promise<readonly (T | null)[]> {
  return async (keys) => {
    const found = new Array<T | null>(keys.length);
    for (let i = 0; i < keys.length; i++) found[i] = values.get(keys[i]) ?? null;
    return found;
  };
}
