import { allowIf, denyAll, type Policy } from 'planql/pent';
import { MemberBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';
import { hasRole } from './roles.ts';

/** Who works on a project is known to those who see it. Maintainers invite. */
export class Member extends MemberBase {
  static override readonly privacy: Policy<Member, Viewer> = {
    write: [allowIf('maintainer', hasRole('MAINTAINER')), denyAll],
  };
}
