import { increment, KvetchError } from '../../../src/kvetch.ts';
import { getOrCreate } from '../../../src/utils/getOrCreate.ts';
import { Drafts } from './Drafts.ts';
import type { Program } from './Fleet.ts';
import type { History, Known, Update } from './History.ts';
import type { Promises } from './Promises.ts';
import { below, oneOf, pause, random, virtualNow } from './virtualTime.ts';

/** What became of calls. */
export interface Counts {
  reads: number;
  failedReads: number;
  writes: number;
  failedWrites: number;
}

const HANDLES = 40;
/** The part of calls that are about drafts. */
const DRAFTS = 0.2;

/** Programs that read and write, and know what they were told. */
export class Traffic {
  readonly counts: Counts = { reads: 0, failedReads: 0, writes: 0, failedWrites: 0 };
  readonly #history: History;
  readonly #promises: Promises;
  readonly #ids: string[] = [];
  /** By owner: its items. */
  readonly #items = new Map<string, Known[]>();
  /** `null`: there are none. */
  readonly #drafts: Drafts | null;
  #isOver = false;

  constructor(history: History, promises: Promises, hasDrafts = false) {
    [this.#history, this.#promises] = [history, promises];
    this.#drafts = hasDrafts ? new Drafts(history, promises) : null;
  }

  stop(): void {
    this.#isOver = true;
  }

  get objects(): readonly string[] {
    return this.#ids;
  }

  /** Creates objects to begin with: users, each with an item. */
  async fill({ kvetch, process }: Program, count: number): Promise<void> {
    const users = await kvetch.createObjects(
      'User',
      Array.from({ length: count }, () => ({ data: { n: 0 } })),
    );
    const ids = users.map((id) => told(id));
    const items = await kvetch.createObjects(
      'Item',
      ids.map((owner) => ({ data: { n: 0, owner, seenBy: oneOf(ids) } })),
    );
    const ack = { at: virtualNow(), by: process, isTold: true };
    for (const id of ids) this.#add(this.#history.created(id, null, null, ack));
    for (const [at, id] of items.entries()) this.#add(this.#history.created(told(id), null, ids[at] ?? null, ack));
  }

  #add(known: Known): void {
    this.#ids.push(known.id);
    if (known.owner !== null) getOrCreate(this.#items, known.owner, () => []).push(known);
  }

  /** Calls one behind the other, until the end. `pauseMs`: between two calls, at most. */
  async run(program: Program, pauseMs: number): Promise<void> {
    while (!this.#isOver && !program.process.isDead) {
      await this.#call(program);
      await pause(random() * pauseMs);
    }
  }

  async #call(program: Program): Promise<void> {
    if (this.#drafts !== null && random() < DRAFTS) return this.#useDrafts(program, this.#drafts);
    const dice = random();
    if (dice < 0.3) return this.#read(program);
    if (dice < 0.4) return this.#readList(program);
    if (dice < 0.45) return this.#readHandle(program);
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
    const begin = virtualNow();
    const { removed } = known;
    const mustBeGone = removed !== null && this.#promises.mustShow(removed, process);
    const updates = [...known.updates];
    const least = updates.filter((update) => this.#promises.mustShow(update, process));
    const found = await this.#answer(() => kvetch.getObject(known.id));
    if (found === undefined) return;
    if (found === null) {
      if (known.removal === 'none')
        this.#history.fail(
          `${process.name} finds no ${known.id}, though version ${known.version} was acknowledged.`,
          known.id,
        );
      return;
    }
    if (mustBeGone) this.#history.fail(`${process.name} reads ${known.id}, whose delete was acknowledged.`, known.id);
    if (removed !== null) this.#promises.missed(removed, begin);
    const isMissing = ({ version, count }: Update): boolean => found.version < version || Number(found.n) < count;
    const wrong = least.find(isMissing);
    if (wrong !== undefined)
      this.#history.fail(
        `${process.name} reads version ${found.version} of ${known.id} at ${begin.toFixed(1)} ms, after ${wrong.by.name} was told version ${wrong.version} at ${wrong.at.toFixed(1)} ms.`,
        known.id,
      );
    for (const update of updates) if (isMissing(update)) this.#promises.missed(update, begin);
  }

  /** What a call gives; undefined where the store says that it cannot. */
  async #answer<T>(read: () => Promise<T>): Promise<T | undefined> {
    this.counts.reads++;
    try {
      return await read();
    } catch (error) {
      asFailure(error);
      this.counts.failedReads++;
      return undefined;
    }
  }

  /** Items in the list of their owner, and how many there are. */
  async #readList({ kvetch, process }: Program): Promise<void> {
    const owner = this.#any();
    const items = [...(this.#items.get(owner.id) ?? [])];
    const begin = virtualNow();
    const must = items.filter(({ created }) => this.#promises.mustShow(created, process));
    const mustNot = items.filter(({ removed }) => removed !== null && this.#promises.mustShow(removed, process));
    const isCounting = random() < 0.5;
    const page = isCounting ? undefined : await this.#answer(() => kvetch.getEdges('user_to_item', owner.id));
    const count = isCounting ? await this.#answer(() => kvetch.countEdges('user_to_item', owner.id)) : undefined;
    if (owner.removal !== 'none') return;
    const left = must.filter(({ removal }) => removal === 'none');
    if (count !== undefined && count < left.length)
      this.#history.fail(
        `${process.name} counts ${count} items of ${owner.id} at ${begin.toFixed(1)} ms, and ${left.length} were acknowledged.`,
        ...[owner, ...items].map(({ id }) => id),
      );
    if (page === undefined) return;
    const shown = new Set(page.edges.map(({ toId }) => toId));
    const lost = left.find(({ id }) => !shown.has(id)) ?? mustNot.find(({ id }) => shown.has(id));
    if (lost !== undefined && !page.hasNextPage)
      this.#history.fail(
        `${process.name} reads the list of ${owner.id} at ${begin.toFixed(1)} ms ${shown.has(lost.id) ? 'with' : 'without'} ${lost.id}, whose ${shown.has(lost.id) ? 'delete' : 'create'} was acknowledged.`,
        owner.id,
        lost.id,
      );
    for (const { id, created, removed } of items) {
      if (removed === null ? !shown.has(id) : shown.has(id)) this.#promises.missed(removed ?? created, begin);
    }
  }

  /** The user that has a handle. */
  async #readHandle({ kvetch, process }: Program): Promise<void> {
    const handle = `h${below(HANDLES)}`;
    const holder = this.#history.holders.get(handle);
    if (holder === undefined || holder.removal !== 'none') return;
    const begin = virtualNow();
    const mustShow = this.#promises.mustShow(holder.created, process);
    const found = await this.#answer(() => kvetch.queryIndex('handle', handle));
    if (found === undefined || holder.removal !== 'none' || found.ids.includes(holder.id)) return;
    if (mustShow)
      this.#history.fail(
        `${process.name} finds ${found.ids.join(', ') || 'nobody'} with "${handle}" at ${begin.toFixed(1)} ms, and not ${holder.id}, which was acknowledged.`,
        holder.id,
      );
    this.#promises.missed(holder.created, begin);
  }

  async #useDrafts(program: Program, drafts: Drafts): Promise<void> {
    const [owner, reader] = [this.#any(), this.#any()];
    if (owner.owner !== null || reader.owner !== null) return; // an item
    if (random() < 0.5) return void (await this.#answer(() => drafts.read(program, owner)));
    this.counts.writes++;
    try {
      await drafts.create(program, owner, reader);
    } catch (error) {
      this.#failedWrite(error);
    }
  }

  async #update(program: Program): Promise<void> {
    const { kvetch, process } = program;
    const known = this.#any();
    this.counts.writes++;
    known.unknown++; // until it is known
    try {
      const write = () => kvetch.updateObject(known.id, { n: increment() });
      const [{ version, n }, ack] = await this.#promises.ack(program, write);
      known.unknown--;
      const untold = ack.isTold ? '' : ', and could not tell the cache';
      this.#history.note(`${process.name} updated ${known.id} to version ${version}${untold}`, known.id);
      this.#history.updated(known, { ...ack, version, count: Number(n) });
    } catch (error) {
      const { code, effect } = asFailure(error);
      if (effect === 'not-applied') known.unknown--;
      this.#history.note(`${process.name} could not update ${known.id}: ${code}, ${effect}`, known.id);
      if (code === 'NOT_FOUND' && known.removal === 'none')
        this.#history.fail(`${process.name} finds no ${known.id} to update.`, known.id);
      if (code !== 'NOT_FOUND') this.counts.failedWrites++;
    }
  }

  async #createItem(program: Program): Promise<void> {
    const { kvetch, process } = program;
    const owner = this.#any();
    if (owner.owner !== null) return;
    this.counts.writes++;
    try {
      const write = () => kvetch.createObject('Item', { n: 0, owner: owner.id, seenBy: this.#any().id });
      const [id, ack] = await this.#promises.ack(program, write);
      this.#history.note(`${process.name} created item ${id} of ${owner.id}`, id, owner.id);
      this.#add(this.#history.created(id, null, owner.id, ack));
    } catch (error) {
      this.#failedWrite(error);
    }
  }

  async #createUser(program: Program): Promise<void> {
    const { kvetch, process } = program;
    const handle = `h${below(HANDLES)}`;
    this.counts.writes++;
    try {
      const write = () => kvetch.createObject('User', { n: 0, handle });
      const [id, ack] = await this.#promises.ack(program, write);
      this.#history.note(`${process.name} created user ${id} with "${handle}"`, id);
      this.#add(this.#history.created(id, handle, null, ack));
    } catch (error) {
      if (asFailure(error).code !== 'UNIQUE_VIOLATION') this.#failedWrite(error);
    }
  }

  async #remove(program: Program): Promise<void> {
    const { kvetch, process } = program;
    const known = this.#any();
    if (known.removal === 'done') return;
    known.removal = 'begun';
    this.counts.writes++;
    try {
      const [, ack] = await this.#promises.ack(program, () => kvetch.deleteObject(known.id));
      known.removal = 'done';
      known.removed ??= ack;
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
  async check(program: Program): Promise<void> {
    const { kvetch } = program;
    await this.#drafts?.check(program);
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
