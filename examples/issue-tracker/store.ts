/** What is stored: five types of objects, four lists and an index. */
import { defineKvetchSchema, type Kvetch, type KvetchSchema } from 'planql/kvetch';

export const storeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 200000, name: 'User' },
    { typeId: 200001, name: 'Project' },
    { typeId: 200002, name: 'Issue' },
    { typeId: 200003, name: 'Comment' },
    { typeId: 200004, name: 'Label' },
  ],
  edges: [
    {
      edgeId: 20000,
      name: 'project_issues',
      from: 'Project',
      storedOn: 'Issue',
      storedIdAttr: 'project',
    },
    { edgeId: 20001, name: 'issue_comments', from: 'Issue', storedOn: 'Comment', storedIdAttr: 'issue' },
    // The other two are written one by one: a label is on many issues, a user in many projects.
    { edgeId: 20002, name: 'issue_labels', from: 'Issue', to: 'Label' },
    { edgeId: 20003, name: 'user_projects', from: 'User', to: 'Project' },
  ],
  indexes: [{ name: 'project_key', type: 'Project', attr: 'key', kind: 'string', unique: true }],
});

/** How much there is of each. */
export interface Size {
  readonly users: number;
  readonly projects: number;
  readonly labels: number;
  readonly issues: number;
  readonly comments: number;
}

export const fullSize: Size = { users: 200, projects: 20, labels: 30, issues: 10_000, comments: 30_000 };

/** The same shape with fewer issues: what tests need. */
export function smallSize(issues = 200): Size {
  return { users: 40, projects: 4, labels: 10, issues, comments: issues * 3 };
}

/** Who asks for what: the ids that views and tests begin with. */
export interface Filled {
  readonly userIds: readonly string[];
  /** Of project "P0", "P1", ...: every other one is private. */
  readonly projectIds: readonly string[];
  readonly issueIds: readonly string[];
}

const areas = ['Editor', 'Search', 'Billing', 'Import', 'Mobile', 'Sync', 'Sharing', 'Reports'];
const faults = [
  'crashes on paste',
  'loses the last line',
  'is slow with 5,000 rows',
  'shows “undefined”',
  'ignores dark mode',
];
const colors = ['#d73a4a', '#a2eeef', '#7057ff', '#008672', '#e4e669', '#0075ca'];
const remarks = [
  'I can reproduce this.',
  'Fixed by the last release?',
  'Not here — which browser?',
  'Danke, das hilft!',
];

/** Fills a store with data that follows from numbers alone: every run makes the same, but for ids. */
export async function fill(kvetch: Kvetch, size: Size = fullSize): Promise<Filled> {
  const random = seeded(7);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const userIds = await create(kvetch, 'User', size.users, (n) => ({ login: `user${n}`, name: `Übungs-User ${n}` }));
  const projectIds = await create(kvetch, 'Project', size.projects, (n) => ({
    key: `P${n}`,
    name: `${areas[n % areas.length]} ${n}`,
    isPrivate: n % 2 === 1,
  }));
  const labelIds = await create(kvetch, 'Label', size.labels, (n) => ({
    name: `label-${n}`,
    color: colors[n % colors.length],
  }));
  const issueIds = await create(kvetch, 'Issue', size.issues, (n) => ({
    number: n,
    title: `${areas[n % areas.length]} ${faults[n % faults.length]}`,
    isOpen: n % 4 !== 3,
    isConfidential: n % 9 === 8,
    project: projectIds[n % size.projects],
    author: one(userIds),
    assignee: n % 3 === 0 ? null : one(userIds),
  }));
  await create(kvetch, 'Comment', size.comments, (n) => ({
    body: one(remarks),
    issue: issueIds[n % size.issues],
    author: one(userIds),
  }));
  const labelled = issueIds.flatMap((fromId, n) => {
    const first = Math.floor(random() * size.labels);
    // An issue has one, two or three labels; the first ones are the favourites.
    return Array.from({ length: 1 + (n % 3) }, (_, i) => [fromId, labelIds[(first * i) % size.labels] as string]);
  });
  // The first half of the users are members of all projects but the last.
  const members = userIds
    .slice(0, size.users / 2)
    .flatMap((fromId) => projectIds.slice(0, -1).map((id) => [fromId, id]));
  await link(kvetch, 'issue_labels', labelled);
  await link(kvetch, 'user_projects', members);
  return { userIds, projectIds, issueIds };
}

async function create(
  kvetch: Kvetch,
  type: string,
  count: number,
  dataOf: (n: number) => Record<string, unknown>,
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < count; from += 1000) {
    const length = Math.min(1000, count - from);
    const requests = Array.from({ length }, (_, n) => ({ data: dataOf(from + n) }));
    for (const entry of await kvetch.createObjects(type, requests)) {
      if (entry instanceof Error) throw entry;
      ids.push(entry);
    }
  }
  return ids;
}

async function link(kvetch: Kvetch, edge: string, pairs: readonly (readonly string[])[]): Promise<void> {
  const queue = pairs.values();
  const worker = async (): Promise<void> => {
    for (const [fromId = '', toId = ''] of queue) await kvetch.insertEdge(edge, { fromId, toId });
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/** mulberry32: numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
