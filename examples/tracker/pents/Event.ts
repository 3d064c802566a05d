import { allowAll, canReadMany, denyAll, type Policy, requireThat, sameAs } from 'planql/pent';
import { EventBase } from '../generated/pents.ts';
import type { Viewer } from '../viewer.ts';

/** That something happened is known to those who see what it happened to. */
export class Event extends EventBase {
  static override readonly privacy: Policy<Event, Viewer> = {
    read: [
      sameAs('project'),
      requireThat('subject', {
        many: (events, context) =>
          canReadMany(
            context,
            events.map(({ subjectId }) => subjectId),
          ),
      }),
      allowAll,
    ],
    write: [denyAll],
  };
}
