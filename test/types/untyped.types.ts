/** Compiled, never run: without a type map `$arg` is any, and every loader and function takes it. */
import type { execute as executeWithGraphQL } from 'graphql';
import {
  at,
  each,
  execute,
  filter,
  first,
  get,
  groupBy,
  lambda,
  last,
  loader,
  loadMany,
  loadOne,
  type PlanResolver,
  reverse,
} from '../../src/index.ts';

const byId = loader({ name: 'types.byId', load: (ids: readonly string[]) => ids });
const listed = loader({ name: 'types.listed', load: (ids: readonly string[]) => ids.map((id) => [id]) });

export const ofArgument: PlanResolver = (_$root, { $id }) => loadOne($id, byId);
export const ofAttribute: PlanResolver = ($user) => loadMany(get($user, 'id'), listed);
export const ofFunction: PlanResolver = (_$root, { $n }) => lambda($n, (n: number) => n + 1);
export const ofSeveral: PlanResolver = ($user, { $n }) =>
  lambda([$user, $n], ([user, n]: readonly [{ age: number }, number]) => user.age + n);

export const ofItems: PlanResolver = ($user) => each(get($user, 'ids'), ($id) => loadOne($id, byId));
export const ofSomeItems: PlanResolver = ($user) => filter(get($user, 'ids'), ($id) => loadOne($id, byId));
export const ofFirstItem: PlanResolver = ($user) => loadOne(first(get($user, 'ids')), byId);
export const ofLastItem: PlanResolver = ($user) => loadOne(last(reverse(get($user, 'ids'))), byId);
export const ofItemAt: PlanResolver = ($user) => loadOne(at(get($user, 'ids'), 1), byId);
export const ofGroups: PlanResolver = ($user) => groupBy(get($user, 'ids'), ($id) => loadOne($id, byId));

/** It goes wherever graphql-js' goes, under `exactOptionalPropertyTypes` too. */
export const dropIn: typeof executeWithGraphQL = execute;
