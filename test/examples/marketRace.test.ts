/**
 * Sales of the market under races of two processes. One of them is killed now and then. The code of the application has
 * no second look, and no order of writes. `ROUNDS=2000` runs more of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Kvetch } from 'planql/kvetch';
import { type Context, createPent, PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { model } from '../../examples/market/generated/plans.ts';
import { Account } from '../../examples/market/pents/Account.ts';
import { Category } from '../../examples/market/pents/Category.ts';
import { Listing } from '../../examples/market/pents/Listing.ts';
import { createViewer, stranger } from '../../examples/market/viewer.ts';
import { temporaryDirectory } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';
import { type Deed, openMarket, type Place, perform } from './marketRaceWriter.ts';

/** More: `ROUNDS=2000 npm test -- examples/marketRace`. */
const ROUNDS = Number(process.env.ROUNDS ?? 80);
/** In each so-manieth round the other process is killed. */
const KILL_EVERY = 40;

type Viewer = Deed['viewer'];

/** The other process. */
class Writer {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #taken = 0;

  private constructor(place: Place) {
    const script = join(repositoryRoot, 'test/examples/marketRaceWriter.ts');
    this.#child = spawn(process.execPath, [...typescript, script, JSON.stringify(place)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#lines.push(line));
  }

  static async start(place: Place): Promise<Writer> {
    const writer = new Writer(place);
    assert.is(await writer.#next(), 'ready');
    return writer;
  }

  say(...deeds: readonly Deed[]): void {
    this.#child.stdin?.write(deeds.map((deed) => `${JSON.stringify(deed)}\n`).join(''));
  }

  /** The codes of the next answers by kind; those that a dead process leaves out are not there. */
  async answers(count: number): Promise<Partial<Record<Deed['kind'], string | null>>> {
    const codes: Partial<Record<Deed['kind'], string | null>> = {};
    for (let taken = 0; taken < count; taken++) {
      const line = await this.#next();
      if (line === null) break;
      const { kind, code } = JSON.parse(line) as { kind: Deed['kind']; code: string | null };
      codes[kind] = code;
    }
    return codes;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
  }

  async #next(): Promise<string | null> {
    while (this.#taken === this.#lines.length) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return null;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return this.#lines[this.#taken++] ?? null;
  }
}

async function race(kvetch: Kvetch, place: Place): Promise<Readonly<Record<string, number>>> {
  /** Sees all, and knows nothing yet of what was read before. */
  const asServer = (): Context => new PentContext({ kvetch, model, viewer: stranger }).unrestricted;
  const all = asServer();
  const [seller, one, two, late] = (await Promise.all(
    ['seller', 'one', 'two', 'late'].map(async (login): Promise<Viewer> => {
      const id = await createViewer(all, { login, name: login, idempotencyKey: login });
      return { id, user: (await Account.getX(all, id)).userId };
    }),
  )) as [Viewer, Viewer, Viewer, Viewer];
  const category = await createPent(all, Category, { slug: 'bikes', name: 'Bikes' });
  const counts = { sold: 0, withdrawn: 0, lateOffers: 0, kills: 0 };
  let other = await Writer.start(place);
  for (let round = 0; round < ROUNDS; round++) {
    const more = { title: `bike ${round}`, priceCents: 1000, status: 'OPEN', photos: [] };
    const { id } = (await createPent(all, Listing, {
      ...more,
      seller: seller.user,
      category: category?.id,
    })) as Listing;
    const offers: string[] = [];
    for (const viewer of [one, two]) {
      assert.is(await perform(kvetch, { kind: 'offer', viewer, id }), null);
    }
    const listing = await Listing.getX(asServer(), id);
    for (const offer of await listing.openOffers()) offers.push(offer.id);
    assert.is(offers.length, 2);

    const accept = (at: number): Deed => ({ kind: 'accept', viewer: seller, id: offers[at] as string });
    const deeds: Deed[] = [accept(1)];
    if (round % 3 === 0) deeds.push({ kind: 'withdraw', viewer: seller, id });
    other.say(...deeds);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
    const own = Promise.all([perform(kvetch, { kind: 'offer', viewer: late, id }), perform(kvetch, accept(0))]);
    const isKilled = round % KILL_EVERY === KILL_EVERY - 1;
    if (isKilled) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
      await other.kill();
      counts.kills++;
    }
    const [lateCode, ownCode] = await own;
    const { accept: otherCode, withdraw: withdrawCode } = await other.answers(deeds.length);
    if (isKilled) {
      other = await Writer.start(place);
      await kvetch.clean({ graceMs: 0 });
    }

    const after = await Listing.getX(asServer(), id);
    const found = await after.offers();
    const statuses = found.map(({ status }) => status);
    const told = `round ${round}: ${after.status}, ${statuses}; ${JSON.stringify({ lateCode, ownCode, otherCode, withdrawCode })}`;
    const accepted = found.filter(({ status }) => status === 'ACCEPTED');
    const open = found.filter(({ status }) => status === 'OPEN');
    assert.ok(accepted.length <= 1, told);
    assert.is(after.status === 'SOLD', accepted.length === 1, told);
    assert.is(after.buyerId ?? null, accepted[0]?.buyerId ?? null, told);
    if (after.status !== 'OPEN') assert.is(open.length, 0, told);
    assert.is((await after.openOffers()).length, open.length, told);
    assert.is(after.offerCount, found.length, told);
    // Who was told that it is done finds it done.
    for (const [at, code] of [ownCode, otherCode].entries())
      if (code === null) assert.is(accepted[0]?.id, offers[at], told);
    if (withdrawCode === null) assert.is(after.status, 'DRAFT', told);
    if (lateCode === null) assert.is(found.length, 3, told);
    if (after.status === 'SOLD') counts.sold++;
    if (after.status === 'DRAFT') counts.withdrawn++;
    if (found.length === 3) counts.lateOffers++;
  }
  await other.end();
  return counts;
}

const sqlite = suite('sales of the market under races on SQLite');
sqlite('one winner, and no open offer on a listing that is not for sale', async () => {
  const place = { directory: temporaryDirectory() };
  const kvetch = openMarket(place);
  const counts = await race(kvetch, place);
  await kvetch.close();
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0, `${name}: ${JSON.stringify(counts)}`);
});
sqlite.run();

const mysql = needs(suite('sales of the market under races on two servers of MySQL'), 'mariadbd');
mysql('one winner, and no open offer on a listing that is not for sale', async () => {
  const server = await mysqlForTests();
  const place = { uris: [server.newDatabase(), server.newDatabase()].map((name) => `${server.uri}/${name}`) };
  const kvetch = openMarket(place);
  const counts = await race(kvetch, place);
  await kvetch.close();
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0, `${name}: ${JSON.stringify(counts)}`);
});
mysql.run();
