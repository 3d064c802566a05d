import { denyAll, type Policy } from 'planql/pent';
import { LabelBase } from '../generated/pents.ts';

/** Labels belong to a project, and are seen with it. */
export class Label extends LabelBase {
  static override readonly privacy: Policy<Label> = { write: [denyAll] };
}
