/** Makes data up: organisations with projects, some of them private, people in some of them, issues, comments, labels. */
import type { Kvetch } from 'planql/kvetch';
import type { EventKind, IssueStatus, Role } from './generated/types.ts';

/** What was made, for those who compare answers with it. Ids are in the order of creation. */
export interface Filled {
  readonly users: readonly Made<{ username: string; name: string }>[];
  readonly organisations: readonly Made<{ slug: string; name: string }>[];
  readonly projects: readonly Made<{ key: string; isPrivate: boolean; organisation: string }>[];
  readonly members: readonly Made<{ project: string; user: string; role: Role }>[];
  readonly labels: readonly Made<{ project: string }>[];
  readonly issues: readonly Made<{
    key: string;
    project: string;
    author: string;
    assignee: string;
    isConfidential: boolean;
    status: IssueStatus;
  }>[];
  readonly comments: readonly Made<{ issue: string; author: string }>[];
  readonly events: readonly Made<{ project: string; actor: string; subject: string }>[];
  /** Entries of the edge from issues to labels. */
  readonly labelled: ReadonlyArray<{ readonly issue: string; readonly label: string }>;
}

type Made<T> = Readonly<T> & { readonly id: string };

export interface Size {
  readonly users: number;
  readonly projects: number;
  readonly issues: number;
  /** Comments of each issue. */
  readonly comments: number;
}

/** 10,000 issues in 50 projects. */
export const everyday: Size = { users: 200, projects: 50, issues: 10_000, comments: 1 };

const roles: readonly Role[] = ['MAINTAINER', 'DEVELOPER', 'GUEST'];
const verbs = ['Fix', 'Explain', 'Remove', 'Speed up', 'Test', 'Translate', 'Rename'];
const things = ['the search', 'the login page', 'exports', 'the cache', 'mails to members', 'the build', 'old links'];
const labelNames = ['bug', 'feature', 'question'];
/** Requests of one call. */
const CHUNK = 1000;

export async function fill(kvetch: Kvetch, size: Size = everyday): Promise<Filled> {
  const create = <T extends object>(type: string, rows: readonly T[]): Promise<Made<T>[]> =>
    createAll(kvetch, type, rows);
  const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

  const users = await create(
    'User',
    times(size.users, (n) => ({ username: `user${n}`, name: `User ${n}` })),
  );
  const organisations = await create(
    'Organisation',
    times(2, (n) => ({ slug: `org${n}`, name: `Organisation ${n}` })),
  );
  const projects = await create(
    'Project',
    times(size.projects, (n) => ({
      key: `P${n}`,
      name: `Project ${n}`,
      isPrivate: n % 3 !== 0,
      organisation: at(organisations, n).id,
    })),
  );
  // Three members each, in different roles; the last users have joined nothing.
  const joined = Math.max(3, Math.floor(size.users * 0.8));
  const members = await create(
    'Member',
    projects.flatMap((project, n) =>
      roles.map((role, r) => ({ role, project: project.id, user: at(users, (n * 2 + r) % joined).id })),
    ),
  );
  const labels = await create(
    'Label',
    projects.flatMap(({ id }) => labelNames.map((name, n) => ({ name, colour: `#${n}${n}${n}`, project: id }))),
  );
  const issues = await create(
    'Issue',
    times(size.issues, (n) => {
      const p = n % size.projects;
      return {
        key: `P${p}-${Math.floor(n / size.projects) + 1}`,
        title: `${at(verbs, n)} ${at(things, Math.floor(n / 7))}`,
        status: (n % 4 === 0 ? 'CLOSED' : 'OPEN') as IssueStatus,
        isConfidential: n % 5 === 0,
        project: at(projects, p).id,
        author: at(users, (p * 2 + (n % 3)) % joined).id,
        assignee: at(users, n * 3).id,
      };
    }),
  );
  const comments = await create(
    'Comment',
    issues.flatMap(({ id }, n) =>
      times(size.comments, (c) => ({ text: `Remark ${c}`, issue: id, author: at(users, n + c).id })),
    ),
  );
  const projectOf = new Map(issues.map(({ id, project }) => [id, project]));
  const event = (kind: EventKind, project: string, actor: string, subject: string) => ({
    kind,
    project,
    actor,
    subject,
  });
  const events = await create('Event', [
    ...members.map(({ id, project, user }) => event('JOINED', project, user, id)),
    ...issues.map(({ id, project, author }) => event('OPENED', project, author, id)),
    ...comments.map(({ id, issue, author }) => event('COMMENTED', projectOf.get(issue) ?? '', author, id)),
  ]);
  const labelled = issues.flatMap(({ id }, n) => {
    const p = n % size.projects;
    return [n % 3, (n + 1) % 3].map((l) => ({ issue: id, label: at(labels, p * 3 + l).id }));
  });
  for (let from = 0; from < labelled.length; from += CHUNK) {
    await Promise.all(
      labelled
        .slice(from, from + CHUNK)
        .flatMap(({ issue, label }) => [
          kvetch.insertEdge('issue_labels', { fromId: issue, toId: label, data: { at: from } }),
          kvetch.insertEdge('label_issues', { fromId: label, toId: issue, data: { at: from } }),
        ]),
    );
  }
  return { users, organisations, projects, members, labels, issues, comments, events, labelled };
}

async function createAll<T extends object>(kvetch: Kvetch, type: string, rows: readonly T[]): Promise<Made<T>[]> {
  const made: Made<T>[] = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = rows.slice(from, from + CHUNK);
    const ids = await kvetch.createObjects(
      type,
      chunk.map((data) => ({ data: { ...data } as Record<string, unknown> })),
    );
    for (const [n, id] of ids.entries()) {
      if (id instanceof Error) throw id;
      made.push({ ...(chunk[n] as T), id });
    }
  }
  return made;
}

function at<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}
