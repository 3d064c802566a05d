/** The same as resolvers, with DataLoader as its authors advise: what plans are measured against. */
import DataLoader from 'dataloader';
import type { GraphQLFieldResolver } from 'graphql';
import type { ObjectConfig } from 'planql';
import type { EdgePage, Kvetch, KvetchObject } from 'planql/kvetch';
import { MAX_MEMBERSHIPS, maySeeIssue, maySeeProject } from './privacy.ts';

interface PageKey {
  readonly edge: string;
  readonly fromId: string;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** The loaders of one request. */
export class Loaders {
  readonly viewerId: string | null;
  readonly objects: DataLoader<string, KvetchObject | null>;
  readonly pages: DataLoader<PageKey, EdgePage, string>;
  readonly counts: DataLoader<PageKey, number, string>;
  readonly projectIds: DataLoader<string, string | null>;

  constructor(kvetch: Kvetch, viewerId: string | null) {
    this.viewerId = viewerId;
    const cacheKeyFn = ({ edge, fromId, first, after }: PageKey) => `${edge} ${fromId} ${first} ${after}`;
    this.objects = new DataLoader((ids) => kvetch.getObjects(ids));
    this.pages = new DataLoader((keys) => kvetch.getEdgeLists(keys), { cacheKeyFn });
    this.counts = new DataLoader((keys) => kvetch.countEdgeLists(keys), { cacheKeyFn });
    this.projectIds = new DataLoader(async (keys) => {
      const pages = await kvetch.queryIndexes(keys.map((value) => ({ index: 'project_key', value })));
      return pages.map((page) => (page instanceof Error ? page : (page.ids[0] ?? null)));
    });
  }

  /** The objects of a list. An edge may be there a moment longer than its object. */
  async listed(key: PageKey): Promise<readonly KvetchObject[]> {
    const { edges } = await this.pages.load(key);
    const objects = await Promise.all(edges.map(({ toId }) => this.objects.load(toId)));
    return objects.filter((object) => object !== null);
  }

  async memberships(): Promise<EdgePage | null> {
    if (this.viewerId === null) return null;
    return this.pages.load({ edge: 'user_projects', fromId: this.viewerId, first: MAX_MEMBERSHIPS });
  }

  async visibleProject(id: string | null): Promise<KvetchObject | null> {
    if (id === null) return null;
    const [project, memberships] = await Promise.all([this.objects.load(id), this.memberships()]);
    return maySeeProject(project, memberships) ? project : null;
  }

  async visibleIssue(id: string): Promise<KvetchObject | null> {
    const [issue, memberships] = await Promise.all([this.objects.load(id), this.memberships()]);
    return maySeeIssue(issue, memberships) ? issue : null;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: sources are objects of the store
type Resolver = GraphQLFieldResolver<any, Loaders>;

const objectAt =
  (attribute: string): Resolver =>
  (source, _args, { objects }) =>
    source[attribute] === null || source[attribute] === undefined ? null : objects.load(source[attribute]);

const resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>> = {
  Query: {
    project: async (_root, { key }, loaders) => loaders.visibleProject(await loaders.projectIds.load(key)),
    issue: (_root, { id }, loaders) => loaders.visibleIssue(id),
    viewer: (_root, _args, { viewerId, objects }) => (viewerId === null ? null : objects.load(viewerId)),
  },
  Project: {
    issueCount: ({ id }, _args, { counts }) => counts.load({ edge: 'project_issues', fromId: id }),
    issues: async ({ id }, { first, after }, loaders) => {
      const [issues, memberships] = await Promise.all([
        loaders.listed({ edge: 'project_issues', fromId: id, first, after }),
        loaders.memberships(),
      ]);
      return issues.filter((issue) => maySeeIssue(issue, memberships));
    },
  },
  Issue: {
    author: objectAt('author'),
    assignee: objectAt('assignee'),
    project: ({ project }, _args, loaders) => loaders.visibleProject(project ?? null),
    labels: ({ id }, _args, loaders) => loaders.listed({ edge: 'issue_labels', fromId: id }),
    commentCount: ({ id }, _args, { counts }) => counts.load({ edge: 'issue_comments', fromId: id }),
    comments: ({ id }, { first }, loaders) => loaders.listed({ edge: 'issue_comments', fromId: id, first }),
  },
  Comment: { author: objectAt('author') },
};

/** The same as resolvers. */
export const resolverObjects: Readonly<Record<string, ObjectConfig>> = Object.fromEntries(
  Object.entries(resolvers).map(([type, fields]) => [type, { resolvers: fields }]),
);
