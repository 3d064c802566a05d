/** Compiled, never run: what the standard steps infer, and what must not compile. */
import type { Step } from '../../src/step/Step.ts';
import {
  coalesce,
  condition,
  constant,
  each,
  filter,
  first,
  get,
  groupBy,
  inhibitOnNull,
  lambda,
  list,
  loader,
  loadMany,
  loadOne,
  object,
} from '../../steps/index.ts';

interface User {
  readonly id: string;
  readonly name: string | null;
  readonly age: number;
}

declare const $id: Step<string>;
declare const $maybeId: Step<string | null>;
declare const $count: Step<number>;

const userById = loader<User, string>({
  name: 'types.userById',
  load: (ids) => ids.map((id) => ({ id: id.trim(), name: null, age: 1 })),
});
const friendsOf = loader({
  name: 'types.friendsOf',
  load: async (
    ids: readonly string[],
    { global }: { readonly global: { readonly first: number } },
  ): Promise<User[][]> => ids.map(() => new Array<User>(global.first)),
});
const byPair = loader<User, readonly [string, number]>({ name: 'types.byPair', load: (keys) => keys.map(() => null) });

export const $user: Step<User | null> = loadOne($id, userById);
export const $fromNull: Step<User | null> = loadOne($maybeId, userById);
export const $name: Step<string | null> = get($user, 'name');
export const $age: Step<number> = get($user, 'age');
// @ts-expect-error: a number is no text
export const $wrongName: Step<string> = get($user, 'age');
// @ts-expect-error: keys are texts
loadOne($count, userById);
// @ts-expect-error: a user may be missing
export const $certain: Step<User> = loadOne($id, userById);

export const $friends: Step<readonly User[]> = loadMany($id, friendsOf, { first: $count });
loadMany($id, friendsOf, { first: 3 });
// @ts-expect-error: the loader needs `first`
loadMany($id, friendsOf);
// @ts-expect-error: nor is null enough
loadMany($id, friendsOf, null);
// @ts-expect-error: `first` is a number
loadMany($id, friendsOf, { first: $id });
// @ts-expect-error: the loader knows no `last`
loadMany($id, friendsOf, { last: $count });
export const $pair: Step<User | null> = loadOne([$id, $count], byPair);
// @ts-expect-error: the parts are the other way round
loadOne([$count, $id], byPair);

export const $length: Step<number> = lambda($id, (id) => id.length);
export const $joined: Step<string> = lambda([$id, $count], ([id, count]) => id.padEnd(count.valueOf()));
export const $record: Step<string> = lambda({ id: $id, count: $count }, ({ id, count }) => id.padEnd(count));
export const $nothing: Step<number> = lambda(null, () => 1);
export const $later: Step<string> = lambda($id, async (id) => id);
// @ts-expect-error: texts have no toFixed
lambda($id, (id) => id.toFixed());
// @ts-expect-error: the record has no `name`
lambda({ id: $id }, ({ name }) => name);

export const $tuple: Step<readonly [string, number]> = list([$id, $count]);
export const $object: Step<{ id: string; count: number }> = object({ id: $id, count: $count });
export const $names: Step<ReadonlyArray<string | null>> = each($friends, ($friend) => get($friend, 'name'));
export const $kept: Step<readonly User[]> = filter($friends, ($friend) => condition('>', get($friend, 'age'), $count));
export const $byAge: Step<ReadonlyMap<number, readonly User[]>> = groupBy($friends, ($friend) => get($friend, 'age'));
export const $first: Step<User | null> = first($friends);
export const $present: Step<User> = inhibitOnNull($user);
export const $either: Step<string | number | null> = coalesce($maybeId, $count);
// @ts-expect-error: each friend is a user, not a text
each($friends, ($friend: Step<string>) => $friend);
// @ts-expect-error: "in" is no operator
condition('in', $id, constant(1));
