import { allowIf, denyAll, type Policy } from 'planql/pent';
import { ProjectBase } from '../generated/pents.ts';
import type { Role } from '../generated/types.ts';
import type { Viewer } from '../viewer.ts';
import { rolesOf } from './roles.ts';

/** Public projects are for everybody, private ones for their members. */
export class Project extends ProjectBase {
  static override readonly privacy: Policy<Project, Viewer> = {
    read: [
      allowIf('public', ({ isPrivate }) => !isPrivate),
      allowIf('member', {
        many: async (projects, context) => {
          const roles = await rolesOf(context);
          return projects.map(({ id }) => roles.has(id));
        },
      }),
      denyAll,
    ],
    write: [denyAll],
  };

  override async viewerRole(): Promise<Role | null> {
    return (await rolesOf(this.$context)).get(this.id) ?? null;
  }
}
