import { allowAll, allowIf, denyAll, type Policy, requireThat, sameAs } from 'planql/pent';
import { IssueBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { hasRole, rolesOf } from './roles.ts';

/** Issues are seen with their project; confidential ones by its maintainers and their authors only. */
export class Issue extends IssueBase {
  static override readonly privacy: Policy<Issue, Viewer> = {
    read: [
      sameAs('project'),
      requireThat('not confidential, or of the viewer', {
        many: async (issues, context) => {
          const roles = issues.some(({ isConfidential }) => isConfidential) ? await rolesOf(context) : null;
          return issues.map(
            ({ isConfidential, authorId, projectId }) =>
              !isConfidential || authorId === context.viewer.id || roles?.get(projectId ?? '') === 'MAINTAINER',
          );
        },
      }),
      allowAll,
    ],
    write: [allowIf('developer', hasRole('DEVELOPER', 'MAINTAINER')), denyAll],
    delete: [allowIf('maintainer', hasRole('MAINTAINER')), denyAll],
  };
}
