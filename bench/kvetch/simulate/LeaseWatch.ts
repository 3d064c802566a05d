import type { History } from './History.ts';
import type { Server } from './Server.ts';

interface HeldLease {
  readonly owner: string;
  readonly untilUs: number;
}

/** Looks at every change of a cleaner's lease: a task has one owner until its lease ends by the clock of the server. */
export class LeaseWatch {
  readonly #history: History;

  constructor(servers: readonly Server[], history: History) {
    this.#history = history;
    for (const server of servers) {
      const held = new Map<string, HeldLease>();
      let version = -1;
      server.onCommit.push(() => {
        const now = server.versionOf('kvetch_cleaner');
        if (now === version) return;
        version = now;
        this.#look(server, held);
      });
    }
  }

  #look(server: Server, held: Map<string, HeldLease>): void {
    for (const { task, lease_owner, lease_until_us } of server.rowsOf('kvetch_cleaner')) {
      const [name, owner] = [String(task), lease_owner === null ? '' : String(lease_owner)];
      const before = held.get(name);
      held.set(name, { owner, untilUs: Number(lease_until_us) });
      // a move takes leases away, and gives them to nobody
      if (!before || before.owner === '' || owner === '' || before.owner === owner) continue;
      const leftMs = (before.untilUs - server.tables.nowUs()) / 1000;
      this.#history.note(`${owner} takes "${name}" over from ${before.owner}`, server.name);
      if (leftMs > 0)
        this.#history.fail(
          `${owner} takes "${name}" on ${server.name}, which ${before.owner} has for ${Math.ceil(leftMs)} ms more.`,
          server.name,
        );
    }
  }
}
