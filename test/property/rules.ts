import type { EdgePage, KvetchObject } from 'planql/kvetch';
import type { Rule } from './world.ts';

/** The most objects that a viewer sees. */
export const MAX_MEMBERS = 50;

/** Whether a viewer may see an object, by what the rule looks at: the viewer's list, or what the object refers to. */
export function maySee(
  rule: Rule,
  object: KvetchObject | null,
  members: EdgePage | null,
  referred: KvetchObject | null,
): boolean {
  if (object === null) return false;
  switch (rule) {
    case 'all':
      return true;
    case 'flag':
      return object.isHidden !== true;
    case 'member':
      return object.isHidden !== true || members?.edges.some(({ toId }) => toId === object.id) === true;
    case 'reference':
      return referred !== null && referred.isHidden !== true;
  }
}
