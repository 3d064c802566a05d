/** Who may see what: written once, for plans, resolvers and the program by hand. */
import type { EdgePage, KvetchObject } from 'planql/kvetch';

/** The most projects that a user is a member of. */
export const MAX_MEMBERSHIPS = 100;

/** A private project is seen by its members alone. */
export function maySeeProject(project: KvetchObject | null, memberships: EdgePage | null): boolean {
  return project !== null && (project.isPrivate !== true || isMember(project.id, memberships));
}

/** A confidential issue is seen by the members of its project. */
export function maySeeIssue(issue: KvetchObject | null, memberships: EdgePage | null): boolean {
  return issue !== null && (issue.isConfidential !== true || isMember(issue.project, memberships));
}

function isMember(project: unknown, memberships: EdgePage | null): boolean {
  return memberships?.edges.some(({ toId }) => toId === project) ?? false;
}
