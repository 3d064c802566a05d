import { allowIf, denyAll, type Policy } from 'planql/pent';
import { NotificationBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** The server makes it, and its reader says when it was read. */
export class Notification extends NotificationBase {
  static override readonly privacy: Policy<Notification, Viewer> = {
    update: [allowIf('reader', ({ before }, { viewer }) => before?.accountId === viewer.id), denyAll],
    write: [denyAll],
  };
}
