import { allowIf, denyAll, denyIf, type Policy } from 'planql/pent';
import { CommentBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { Issue } from './Issue.ts';
import { isMemberOf } from './roles.ts';

/** Comments are seen with their issue. Members write them, in their own name, and delete their own. */
export class Comment extends CommentBase {
  static override readonly privacy: Policy<Comment, Viewer> = {
    create: [
      denyIf('in the name of another', ({ data }, { viewer }) => data.author !== viewer.id),
      allowIf('member', async ({ data }, context) =>
        isMemberOf(typeof data.issue === 'string' ? await Issue.get(context, data.issue) : null, context),
      ),
      denyAll,
    ],
    write: [allowIf('own', ({ before }, { viewer }) => before?.authorId === viewer.id), denyAll],
  };
}
