import type { KvetchContext } from '../../KvetchContext.ts';
import { checkEnd } from '../checkEnds.ts';
import type { PreparedMember } from './prepareMember.ts';
import type { UnitPlan } from './UnitPlan.ts';
import { naming } from './unitErrors.ts';

/**
 * An edge may lead to an object that a later member creates, and to none that the unit deletes. `planOf`: the plan that has
 * the object of a member.
 */
export function checkOwnEnds(
  context: KvetchContext,
  members: readonly PreparedMember[],
  planOf: (id: string) => UnitPlan,
): void {
  const held = new Set(members.map(({ id }) => id));
  for (const [at, member] of members.entries()) {
    const { place = '', ends = [] } = member.ends ?? {};
    naming(at, () => {
      for (const end of ends.filter(({ id }) => held.has(id)))
        checkEnd(context, place, end, planOf(end.id).row(end.id));
    });
  }
}
