/** How the graph is read, as plans. */
import { constant, context, filter, first, fn, get, inhibitIf, lambda, type ObjectConfig, type Step } from 'planql';
import {
  countEdges,
  type EdgePage,
  type KvetchObject,
  kvetchConnection,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
} from 'planql/kvetch';
import { MAX_MEMBERSHIPS, maySeeIssue, maySeeProject } from './privacy.ts';

const isHiddenProject = fn(
  'issues.isHiddenProject',
  ([project, memberships]: Checked) => !maySeeProject(project, memberships),
);
const isHiddenIssue = fn('issues.isHiddenIssue', ([issue, memberships]: Checked) => !maySeeIssue(issue, memberships));
const isVisibleIssue = fn('issues.isVisibleIssue', ([issue, memberships]: Checked) => maySeeIssue(issue, memberships));

type Checked = readonly [KvetchObject | null, EdgePage | null];

export const plans: Readonly<Record<string, ObjectConfig>> = {
  Query: {
    plans: {
      project: (_$root, { $key }) => visibleProject(first(loadObjects(loadIndex('project_key', $key)))),
      issue: (_$root, { $id }) => {
        const $issue = loadObject($id);
        return inhibitIf($issue, lambda([$issue, $memberships()], isHiddenIssue));
      },
      viewer: () => loadObject($viewerId()),
    },
  },
  Project: {
    plans: {
      issueCount: ($project) => countEdges('project_issues', get($project, 'id')),
      issues: ($project, { $first, $after }) =>
        filter(loadObjects(loadEdges('project_issues', get($project, 'id'), { $first, $after })), ($issue) =>
          lambda([$issue, $memberships()], isVisibleIssue),
        ),
      issuePage: ($project, fieldArgs) =>
        kvetchConnection('project_issues', get($project, 'id'), fieldArgs, {
          filter: ($issue) => lambda([$issue, $memberships()], isVisibleIssue),
          countHidden: true, // as issueCount does
        }),
    },
  },
  Issue: {
    plans: {
      author: ($issue) => loadObject(get($issue, 'author')),
      assignee: ($issue) => loadObject(get($issue, 'assignee')),
      project: ($issue) => visibleProject(loadObject(get($issue, 'project'))),
      labels: ($issue) => loadObjects(loadEdges('issue_labels', get($issue, 'id'))),
      commentCount: ($issue) => countEdges('issue_comments', get($issue, 'id')),
      comments: ($issue, { $first }) => loadObjects(loadEdges('issue_comments', get($issue, 'id'), { $first })),
    },
  },
  Comment: { plans: { author: ($comment) => loadObject(get($comment, 'author')) } },
};

function $viewerId(): Step<string> {
  return get(context(), 'viewerId') as Step<string>;
}

function $memberships(): Step<EdgePage | null> {
  return loadEdges('user_projects', $viewerId(), { $first: constant(MAX_MEMBERSHIPS) });
}

function visibleProject($project: Step<KvetchObject | null>): Step<KvetchObject | null> {
  return inhibitIf($project, lambda([$project, $memberships()], isHiddenProject));
}
