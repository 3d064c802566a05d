/** The view as a program that makes the fewest rounds: what is asked for together goes together, each key once. */
import type { EdgePage, Kvetch, KvetchObject } from 'planql/kvetch';
import { MAX_MEMBERSHIPS, maySeeIssue, maySeeProject } from './privacy.ts';

const ISSUES = 20;
const COMMENTS = 2;

/** Answers `issueTable`. */
export async function issueTableByHand(kvetch: Kvetch, key: string, viewerId: string | null): Promise<object> {
  const [indexed, memberships] = await Promise.all([
    kvetch.queryIndex('project_key', key),
    viewerId === null ? null : kvetch.getEdges('user_projects', viewerId, { first: MAX_MEMBERSHIPS }),
  ]);
  const [projectId] = indexed.ids;
  if (projectId === undefined) return { data: { project: null } };
  const [project, issueCount, issueEdges] = await Promise.all([
    kvetch.getObject(projectId),
    kvetch.countEdges('project_issues', projectId),
    kvetch.getEdges('project_issues', projectId, { first: ISSUES }),
  ]);
  if (project === null || !maySeeProject(project, memberships)) return { data: { project: null } };
  const issueIds = issueEdges.edges.map(({ toId }) => toId);
  const [found, pages, commentCounts] = await Promise.all([
    kvetch.getObjects(issueIds),
    kvetch.getEdgeLists([
      ...issueIds.map((fromId) => ({ edge: 'issue_labels', fromId })),
      ...issueIds.map((fromId) => ({ edge: 'issue_comments', fromId, first: COMMENTS })),
    ]),
    kvetch.countEdgeLists(issueIds.map((fromId) => ({ edge: 'issue_comments', fromId }))),
  ]);
  const visible = issueIds.map((_, at) => at).filter((at) => maySeeIssue(present(found[at]), memberships));
  const targetsOf = (at: number): readonly string[] => present<EdgePage>(pages[at]).edges.map(({ toId }) => toId);
  const labelIds = (at: number) => targetsOf(at);
  const commentIds = (at: number) => targetsOf(issueIds.length + at);
  const objects = new Map<string, KvetchObject>();
  const fetch = async (ids: Iterable<unknown>): Promise<void> => {
    const missing = [...new Set(ids)].filter((id): id is string => typeof id === 'string' && !objects.has(id));
    const loaded = await kvetch.getObjects(missing);
    for (const object of loaded) if (object !== null) objects.set(present(object).id, present(object));
  };
  const issues = visible.map((at) => present(found[at]) as KvetchObject);
  await fetch([
    ...issues.flatMap(({ author, assignee }) => [author, assignee]),
    ...visible.flatMap((at) => [...labelIds(at), ...commentIds(at)]),
  ]);
  await fetch(visible.flatMap((at) => commentIds(at).map((id) => objects.get(id)?.author)));
  const user = (id: unknown, ...names: string[]) => pick(objects.get(id as string), names);
  return {
    data: {
      project: {
        ...pick(project, ['id', 'name']),
        issueCount,
        issues: visible.map((at, i) => {
          const issue = issues[i] as KvetchObject;
          return {
            ...pick(issue, ['id', 'number', 'title', 'isOpen']),
            author: user(issue.author, 'id', 'name'),
            assignee: user(issue.assignee, 'id', 'name'),
            labels: labelIds(at).map((id) => pick(objects.get(id), ['name', 'color'])),
            commentCount: present(commentCounts[at]),
            comments: commentIds(at).map((id) => ({
              body: objects.get(id)?.body,
              author: user(objects.get(id)?.author, 'name'),
            })),
          };
        }),
      },
    },
  };
}

function pick(object: KvetchObject | undefined, names: readonly string[]): object | null {
  return object === undefined ? null : Object.fromEntries(names.map((name) => [name, object[name]]));
}

function present<T>(entry: T | Error | undefined): T {
  if (entry instanceof Error || entry === undefined) throw entry ?? new TypeError('There is no answer.');
  return entry;
}
