import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Filled, fill } from '../../examples/tracker/fill.ts';
import { kvetchSchema } from '../../examples/tracker/generated/kvetchSchema.ts';
import { model, schema } from '../../examples/tracker/generated/plans.ts';

/**
 * What nobody may tell: each request is answered twice, first beside secrets, then after all of them were deleted. The
 * answers must be the same, byte for byte: else the difference tells that there was something.
 */
const test = suite('the issue tracker tells no secrets');
const engine = createEngine({ schema });

interface Secrets {
  /** An id of each type. */
  readonly ids: Readonly<Record<string, string>>;
  readonly issueKeys: readonly string[];
  /** Cursors that somebody else was given for hidden entries of the open project. */
  readonly cursors: readonly string[];
  /** Takes them all out of the store. */
  remove(): Promise<void>;
}

function idOf(row: { readonly id: string } | undefined): string {
  if (row === undefined) throw new Error('Too little was made.');
  return row.id;
}

async function ask(kvetch: Kvetch, viewer: string | null, source: string): Promise<string> {
  const pent = new PentContext({ kvetch, model, viewer: { id: viewer }, onError: () => {} });
  return JSON.stringify(await engine.execute({ document: parse(source), contextValue: { pent } }));
}

/** All of private projects, and what is confidential in open ones. */
async function secretsOf(kvetch: Kvetch, filled: Filled, open: string): Promise<Secrets> {
  const projects = new Set(filled.projects.filter(({ isPrivate }) => isPrivate).map(idOf));
  const issues = filled.issues.filter(({ project, isConfidential }) => isConfidential || projects.has(project));
  const issueIds = new Set(issues.map(idOf));
  const comments = filled.comments.filter(({ issue }) => issueIds.has(issue));
  const members = filled.members.filter(({ project }) => projects.has(project));
  const labels = filled.labels.filter(({ project }) => projects.has(project));
  const subjects = new Set([...issueIds, ...comments.map(idOf), ...members.map(idOf)]);
  const events = filled.events.filter(({ project, subject }) => projects.has(project) || subjects.has(subject));
  const maintainer =
    filled.members.find(({ project, role }) => project === open && role === 'MAINTAINER')?.user ?? null;
  const seen = await ask(
    kvetch,
    maintainer,
    `{ project(id: "${open}") { issues(first: 500) { edges { cursor node { isConfidential } } } } }`,
  );
  const edges: { cursor: string; node: { isConfidential: boolean } }[] = JSON.parse(seen).data.project.issues.edges;
  return {
    ids: {
      project: [...projects][0] ?? '',
      issue: idOf(issues.find(({ project }) => projects.has(project))),
      confidential: idOf(issues.find(({ project }) => project === open)),
      comment: idOf(comments[0]),
      member: idOf(members[0]),
      label: idOf(labels[0]),
      event: idOf(events[0]),
    },
    issueKeys: issues.slice(0, 3).map(({ key }) => key),
    cursors: edges.filter(({ node }) => node.isConfidential).map(({ cursor }) => cursor),
    async remove() {
      for (const { issue, label } of filled.labelled.filter((entry) => issueIds.has(entry.issue))) {
        await kvetch.deleteEdge('issue_labels', { fromId: issue, toId: label });
        await kvetch.deleteEdge('label_issues', { fromId: label, toId: issue });
      }
      for (const { id } of [...events, ...comments, ...issues, ...labels, ...members]) await kvetch.deleteObject(id);
      for (const id of projects) await kvetch.deleteObject(id);
    },
  };
}

const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

/** Every road to an object, with forged ids and cursors. */
function requests(filled: Filled, open: string, { ids, issueKeys, cursors }: Secrets, me: string): readonly string[] {
  const openIssue = idOf(filled.issues.find(({ project, isConfidential }) => project === open && !isConfidential));
  const openLabel = idOf(filled.labels.find(({ project }) => project === open));
  const lists = (page: string): string =>
    `issues(${page}) { id } comments(${page}) { id text issue { id } } projects(${page}) { id key viewerRole }
    events(${page}) { id kind subject { __typename ... on Node { id } } } issuesByStatus(status: OPEN, ${page}) { id }
    organisations { projects(${page}) { totalCount nodes { id } edges { cursor } ${pageInfo} } }
    users: user(id: "${idOf(filled.users[0])}") { memberships(${page}) { id project { id } } assigned(${page}) { totalCount nodes { id } ${pageInfo} } }
    project(id: "${open}") { members(${page}) { id } labels(${page}) { id issues(${page}) { totalCount nodes { id } edges { data } } }
      issues(${page}) { totalCount nodes { id } ${pageInfo} } activity(${page}) { totalCount nodes { id } ${pageInfo} } }
    issue(id: "${openIssue}") { labels(${page}) { totalCount nodes { id } } comments(${page}) { totalCount nodes { id } } }`;
  const people = filled.users.map(
    ({ id }, n) =>
      `u${n}: user(id: "${id}") { memberships { id role project { id } } assigned(first: 3) { totalCount ${pageInfo} nodes { id key labels { totalCount } comments { totalCount } } } }`,
  );
  return [
    `{ ${people.join(' ')} }`,
    ...[0, 1, 2, 5, 100].map((first) => `{ ${lists(`first: ${first}`)} }`),
    ...issueKeys.map((key) => `{ issueByKey(key: "${key}") { id } }`),
    ...filled.projects.map(({ key }) => `{ projectByKey(key: "${key}") { id issues { totalCount } } }`),
    ...cursors.map(
      (cursor) => `{ project(id: "${open}") { issues(first: 2, after: "${cursor}") { nodes { id } ${pageInfo} } } }`,
    ),
    ...Object.values(ids).flatMap((id) => [
      `{ ${lists(`first: 3, after: "${id}"`)} }`,
      `{ node(id: "${id}") { __typename id } activity(id: "${id}") { __typename } upper: node(id: "${id.toUpperCase()}") { id } }`,
      ...['user', 'organisation', 'project', 'issue', 'comment'].map((field) => `{ ${field}(id: "${id}") { id } }`),
      ...[
        `deleteIssue(id: "${id}") { deletedId }`,
        `deleteComment(id: "${id}") { deletedId }`,
        `updateIssue(id: "${id}", data: { title: "x" }) { issue { id } }`,
        `updateIssue(id: "${id}", ifVersion: 7, data: { title: "x" }) { issue { id } }`,
        `createIssue(data: { key: "NEW", title: "x", project: "${id}", author: "${me}" }) { issue { id } }`,
        `createIssue(data: { key: "NEW", title: "x", project: "${open}", author: "${id}" }) { issue { id } }`,
        `createComment(data: { text: "x", issue: "${id}", author: "${me}" }) { comment { id } }`,
        `createMember(data: { role: GUEST, project: "${id}", user: "${me}" }) { member { id } }`,
        `createMember(data: { role: GUEST, project: "${open}", user: "${id}" }) { member { id } }`,
        `addLabel(from: "${id}", to: "${openLabel}") { issue { id } }`,
        `addLabel(from: "${openIssue}", to: "${id}") { issue { id } }`,
        `removeLabel(from: "${id}", to: "${openLabel}") { issue { id } }`,
      ].map((field) => `mutation { ${field} }`),
    ]),
  ];
}

test('answers are the same beside secrets and without them', async () => {
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(3) });
  const filled = await fill(kvetch, { users: 30, projects: 7, issues: 105, comments: 2 });
  const open = idOf(filled.projects.find(({ isPrivate }) => !isPrivate));
  const secrets = await secretsOf(kvetch, filled, open);
  assert.ok(secrets.cursors.length > 0);
  const stranger = filled.users.at(-1)?.id ?? null; // has joined nothing
  const viewers = [stranger, null, '00000000-0000-4000-8000-000000000000'];
  const answers = async (): Promise<ReadonlyMap<string, string>> => {
    const all = new Map<string, string>();
    for (const viewer of viewers) {
      const asked = requests(filled, open, secrets, stranger ?? '');
      for (const source of asked) all.set(`${viewer}: ${source}`, await ask(kvetch, viewer, source));
    }
    return all;
  };
  const before = await answers();
  const [first = ''] = before.values();
  assert.is(JSON.parse(first).errors, undefined, first);
  await secrets.remove();
  const after = await answers();
  for (const [request, answer] of before) assert.is(after.get(request), answer, request);
  assert.ok(before.size > 300, String(before.size));
  await kvetch.close();
});

test.run();
