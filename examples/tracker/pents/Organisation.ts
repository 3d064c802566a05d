import { denyAll, type Policy } from 'planql/pent';
import { OrganisationBase } from '../generated/pents.ts';

/** Organisations are known to everybody; their projects may not be. */
export class Organisation extends OrganisationBase {
  static override readonly privacy: Policy<Organisation> = { write: [denyAll] };
}
