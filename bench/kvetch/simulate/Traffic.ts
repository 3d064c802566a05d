import { increment, KvetchError } from '../../../src/kvetch.ts';
import type { Program } from './Fleet.ts';
import type { History, Known } from './History.ts';
import { below, oneOf, pause, random } from './virtualTime.ts';

/** What became of calls. */
export interface Counts {
  reads: number;
  failedReads: number;
  writes: number;
  failedWrites: number;
}

const HANDLES = 40;

/** Programs that read and write, and know what they were told. */
export class Traffic {
  readonly counts: Counts = { reads: 0, failedReads: 0, writes: 0, failedWrites: 0 };
  readonly #history: History;
  readonly #ids: string[] = [];
  #isOver = false;

  constructor(history: History) {
    this.#history = history;
  }

  stop(): void {
    this.#isOver = true;
  }

  get objects(): readonly string[] {
    return this.#ids;
  }

  /** Creates objects to begin with: users, each with an item. */
  async fill({ kvetch }: Program, count: number): Promise<void> {
    const users = await kvetch.createObjects(
      'User',
      Array.from({ length: count }, () => ({ data: { n: 0 } })),
    );
    const ids = users.map((id) => told(id));
    const items = await kvetch.createObjects(
      'Item',
      ids.map((owner) => ({ data: { n: 0, owner, seenBy: oneOf(ids) } })),
    );
    for (const id of ids) this.#add(this.#history.created(id, null, null));
    for (const [at, id] of items.entries()) this.#add(this.#history.created(told(id), null, ids[at] ?? null));
  }

  #add(known: Known): void {
    this.#ids.push(known.id);
  }

  /** Calls one behind the other, until the end. `pauseMs`: between two calls, at most. */
  async run(program: Program, pauseMs: number): Promise<void> {
    while (!this.#isOver && !program.process.isDead) {
      await this.#call(program);
      await pause(random() * pauseMs);
    }
  }

  async #call(program: Program): Promise<void> {
    const dice = random();
    if (dice < 0.45) return this.#read(program);
    if (dice < 0.75) return this.#update(program);
    if (dice < 0.85) return this.#createItem(program);
    if (dice < 0.93) return this.#createUser(program);
    return this.#remove(program);
  }

  #any(): Known {
    return this.#history.objects.get(oneOf(this.#ids)) as Known;
  }

  async #read({ kvetch, process }: Program): Promise<void> {
    const known = this.#any();
    const { version, count, removal } = known;
    this.counts.reads++;
    try {
      const found = await kvetch.getObject(known.id);
      if (found === null) {
        if (removal === 'none' && known.removal === 'none')
          this.#history.fail(
            `${process.name} finds no ${known.id}, though version ${version} was acknowledged.`,
            known.id,
          );
        return;
      }
      if (removal === 'done')
        this.#history.fail(`${process.name} reads ${known.id}, whose delete was acknowledged.`, known.id);
      if (found.version < version || Number(found.n) < count)
        this.#history.fail(
          `${process.name} reads version ${found.version} of ${known.id}, after version ${version} was acknowledged.`,
          known.id,
        );
    } catch (error) {
      if (!(error instanceof KvetchError)) throw error;
      this.counts.failedReads++;
    }
  }

  async #update({ kvetch, process }: Program): Promise<void> {
    const known = this.#any();
    this.counts.writes++;
    known.unknown++; // until it is known
    try {
      const { version, n } = await kvetch.updateObject(known.id, { n: increment() });
      known.unknown--;
      this.#history.note(`${process.name} updated ${known.id} to version ${version}`, known.id);
      this.#history.updated(known, version, Number(n));
    } catch (error) {
      const { code, effect } = asFailure(error);
      if (effect === 'not-applied') known.unknown--;
      this.#history.note(`${process.name} could not update ${known.id}: ${code}, ${effect}`, known.id);
      if (code === 'NOT_FOUND' && known.removal === 'none')
        this.#history.fail(`${process.name} finds no ${known.id} to update.`, known.id);
      if (code !== 'NOT_FOUND') this.counts.failedWrites++;
    }
  }

  async #createItem({ kvetch, process }: Program): Promise<void> {
    const owner = this.#any();
    if (owner.owner !== null) return;
    this.counts.writes++;
    try {
      const id = await kvetch.createObject('Item', { n: 0, owner: owner.id, seenBy: this.#any().id });
      this.#history.note(`${process.name} created item ${id}`, id);
      this.#add(this.#history.created(id, null, owner.id));
    } catch (error) {
      this.#failedWrite(error);
    }
  }

  async #createUser({ kvetch, process }: Program): Promise<void> {
    const handle = `h${below(HANDLES)}`;
    this.counts.writes++;
    try {
      const id = await kvetch.createObject('User', { n: 0, handle });
      this.#history.note(`${process.name} created user ${id} with "${handle}"`, id);
      this.#add(this.#history.created(id, handle, null));
    } catch (error) {
      if (asFailure(error).code !== 'UNIQUE_VIOLATION') this.#failedWrite(error);
    }
  }

  async #remove({ kvetch, process }: Program): Promise<void> {
    const known = this.#any();
    if (known.removal === 'done') return;
    known.removal = 'begun';
    this.counts.writes++;
    try {
      await kvetch.deleteObject(known.id);
      known.removal = 'done';
      this.#history.note(`${process.name} deleted ${known.id}`, known.id);
    } catch (error) {
      this.#history.note(`${process.name} could not delete ${known.id}: ${asFailure(error).code}`, known.id);
      this.#failedWrite(error);
    }
  }

  #failedWrite(error: unknown): void {
    asFailure(error);
    this.counts.failedWrites++;
  }

  /** At the end, when nothing fails any more: all that was acknowledged is there, and nothing else counted. */
  async check({ kvetch }: Program): Promise<void> {
    for (const id of this.#ids) {
      const known = this.#history.objects.get(id) as Known;
      const found = await kvetch.getObject(id);
      if (found === null) {
        if (known.removal === 'none')
          this.#history.fail(`${id} is lost, though version ${known.version} was acknowledged.`, id);
        continue;
      }
      const n = Number(found.n);
      if (known.removal === 'done') this.#history.fail(`${id} is there, though its delete was acknowledged.`, id);
      if (n < known.applied || n > known.applied + known.unknown)
        this.#history.fail(
          `${id} was incremented ${known.applied} times, and perhaps ${known.unknown} times more: it has ${n}.`,
          id,
        );
      if (found.version < known.version)
        this.#history.fail(`${id} has version ${found.version}, and ${known.version} was acknowledged.`, id);
      if (known.owner !== null) {
        const owner = this.#history.objects.get(known.owner);
        if (owner?.removal === 'none' && !(await kvetch.hasEdge('user_to_item', known.owner, id)))
          this.#history.fail(`The list of ${known.owner} lacks ${id}.`, id, known.owner);
      }
      if (known.handle !== null) {
        const { ids } = await kvetch.queryIndex('handle', known.handle);
        if (ids.length !== 1 || ids[0] !== id)
          this.#history.fail(`"${known.handle}" leads to ${ids.join(', ') || 'nobody'}, and not to ${id}.`, id);
      }
    }
  }
}

function told(answer: string | Error): string {
  if (answer instanceof Error) throw answer;
  return answer;
}

/** An error of the store; another one is a mistake of the simulation, or of the store. */
function asFailure(error: unknown): KvetchError {
  if (error instanceof KvetchError) return error;
  throw error;
}
