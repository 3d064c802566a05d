import { getOrCreate } from '../../../src/utils/getOrCreate.ts';
import { SKEW_MS } from './Faults.ts';
import type { Program } from './Fleet.ts';
import type { History, Known } from './History.ts';
import type { Ack, Promises } from './Promises.ts';
import { below, latestWallMs, random, wallJumps } from './virtualTime.ts';

interface Draft {
  readonly id: string;
  readonly owner: Known;
  readonly reader: Known;
  readonly created: Ack;
  /** By the wall clock; `null`: never. */
  readonly endsAt: number | null;
}

const LIFE_MS = 20_000;

/** Objects that go with their owner, lose their reader, and may expire: some must go, and all others must stay. */
export class Drafts {
  readonly #history: History;
  readonly #promises: Promises;
  readonly #byOwner = new Map<Known, Draft[]>();

  constructor(history: History, promises: Promises) {
    [this.#history, this.#promises] = [history, promises];
  }

  /** Creates a draft of two users, or throws as the store does. */
  async create(program: Program, owner: Known, reader: Known): Promise<void> {
    if (owner.removal !== 'none' || reader.removal !== 'none') return;
    const endsAt = random() < 0.5 ? Date.now() + below(LIFE_MS) : null;
    const given = { owner: owner.id, reader: reader.id, ...(endsAt !== null && { endsAt }) };
    const [id, created] = await this.#promises.ack(program, () => program.kvetch.createObject('Draft', given));
    const end = endsAt === null ? '' : `, which expires at ${new Date(endsAt).toISOString()}`;
    this.#history.note(`${program.process.name} created draft ${id} of ${owner.id}${end}`, id, owner.id, reader.id);
    getOrCreate(this.#byOwner, owner, () => []).push({ id, owner, reader, created, endsAt });
  }

  /** Reads the drafts of an owner, or throws as the store does. */
  async read({ kvetch, process }: Program, owner: Known): Promise<void> {
    const { removed } = owner;
    const isGone = removed !== null && this.#promises.mustShow(removed, process);
    const drafts = [...(this.#byOwner.get(owner) ?? [])];
    const must = drafts.filter(({ created }) => this.#promises.mustShow(created, process));
    const [begin, jumps] = [Date.now(), wallJumps()];
    const { edges } = await kvetch.getEdges('user_to_draft', owner.id);
    const shown = new Set(edges.map(({ toId }) => toId));
    const [first] = shown;
    if (isGone && first !== undefined)
      this.#history.fail(`${process.name} finds draft ${first} in the list of ${owner.id}, which is deleted.`, first);
    const ended = drafts.find(({ id, endsAt }) => shown.has(id) && endsAt !== null && endsAt <= begin);
    if (ended !== undefined && wallJumps() === jumps)
      this.#history.fail(`${process.name} finds draft ${ended.id}, which has expired.`, ended.id, owner.id);
    const lost = must.find((draft) => !shown.has(draft.id) && stays(draft));
    if (lost !== undefined && owner.removal === 'none')
      this.#history.fail(`${process.name} finds no draft ${lost.id} in the list of ${owner.id}.`, lost.id, owner.id);
  }

  /** At the end, when the cleaners have been by: those that stay are there, and no other. */
  async check({ kvetch }: Program): Promise<void> {
    for (const [owner, drafts] of this.#byOwner) {
      const isOwned = (await kvetch.getObject(owner.id)) !== null;
      for (const draft of drafts) {
        const { id, reader } = draft;
        const found = await kvetch.getObject(id);
        if (found === null && isOwned && stays(draft)) this.#history.fail(`Draft ${id} is lost.`, id, owner.id);
        if (found === null) continue;
        if (!isOwned) this.#history.fail(`Draft ${id} is there, and its owner is not.`, id, owner.id);
        if (found.reader != null && (await kvetch.getObject(reader.id)) === null)
          this.#history.fail(`Draft ${id} has a reader that is gone.`, id, reader.id);
      }
    }
  }
}

/** Whether no clock has shown yet that it has expired. */
function stays({ endsAt }: Draft): boolean {
  return endsAt === null || endsAt > latestWallMs() + SKEW_MS;
}
