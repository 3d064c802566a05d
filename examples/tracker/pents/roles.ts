import type { Change, Context } from 'planql/pent';
import type { Role } from '../generated/types.ts';
import type { Viewer } from '../viewer.ts';
import type { Issue } from './Issue.ts';
import { User } from './User.ts';

/** A viewer of more projects sees those that were joined first. */
const MAX_MEMBERSHIPS = 1000;

/** The viewer's roles by the ids of projects. However many rules ask, the store is asked once a request. */
export async function rolesOf({ viewer, unrestricted }: Context<Viewer>): Promise<ReadonlyMap<string, Role>> {
  const user = viewer.id === null ? null : await User.get(unrestricted, viewer.id);
  const members = (await user?.memberships({ first: MAX_MEMBERSHIPS })) ?? [];
  return new Map(members.flatMap(({ projectId, role }) => (projectId === null ? [] : [[projectId, role] as const])));
}

/** A test of writes: whether the viewer has one of some roles in the project of what is written. */
export function hasRole(...roles: readonly Role[]): (change: Change, context: Context<Viewer>) => Promise<boolean> {
  return async ({ before, data }, context) => {
    const project = before?.$record.project ?? data.project;
    const role = typeof project === 'string' ? (await rolesOf(context)).get(project) : undefined;
    return role !== undefined && roles.includes(role);
  };
}

/** Whether the viewer has joined the project of an issue. */
export async function isMemberOf(issue: Issue | null, context: Context<Viewer>): Promise<boolean> {
  return issue !== null && issue.projectId !== null && (await rolesOf(context)).has(issue.projectId);
}
