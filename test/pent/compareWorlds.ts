/**
 * Compares two worlds: one with secrets, and one from which all that the viewer may not see was physically taken. Ids,
 * times and places in lists are equal. Whatever differs in a response tells of a secret.
 */
import { type ExecutionResult, parse } from 'graphql';
import { createEngine } from '../../src/index.ts';
import type { Kvetch } from '../../src/kvetch.ts';
import { createReactive, memoryVersions, type Reactive } from '../../src/reactive.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { askReactively } from './reactiveWorld.ts';
import { type Operation, pagesOf, type Road, reads, writes } from './secretRoads.ts';
import { graphql } from './secretSchema.ts';
import { contextOf, type Facts, isReadable, isTrue, listNames, openStore, ruled, storeSchema } from './secretWorld.ts';

export interface Comparison {
  readonly operations: number;
  readonly differences: readonly string[];
  /** How often each road was taken, and how often it showed something. */
  readonly roads: ReadonlyMap<string, { taken: number; shown: number }>;
}

const NOTHING = '00000000-0000-8000-8000-000000000001';
const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
const START = Date.UTC(2030, 0, 1);

type Row = Record<string, unknown>;

/** Random numbers that can be had again. */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % limit;
  }
  of<T>(items: readonly T[]): T {
    return itemAt(items, this.below(items.length));
  }
}

async function linesOf(kvetch: Kvetch): Promise<readonly Row[]> {
  const rows: Row[] = [];
  await kvetch.exportShards([0, 4095], async (lines) => {
    for (const line of lines) rows.push(JSON.parse(line) as Row);
  });
  return rows;
}

function factsOf(rows: readonly Row[]): Facts {
  const objects = new Map<string, Row>();
  const blocks = new Map<string, string[]>();
  for (const row of rows) {
    if (row.state !== 1) continue;
    if (row.kind === 'object')
      objects.set(String(row.id), { ...(row.attributes as Row), type: row.type, version: row.version });
    if (row.kind === 'edge' && row.edge === 'blocks') {
      const of = blocks.get(String(row.fromId)) ?? [];
      blocks.set(String(row.fromId), [...of, String(row.toId)]);
    }
  }
  return { objects, blocks };
}

/** The rows that are left when the viewer's secrets are taken away. */
function withoutSecrets(rows: readonly Row[], facts: Facts, viewer: string): readonly Row[] {
  const isThere = (id: unknown): boolean => isReadable(String(id), viewer, facts);
  const isHidden = (id: unknown, attribute: string | null | undefined): boolean =>
    attribute != null &&
    (ruled[String(facts.objects.get(String(id))?.type)] ?? []).some(
      (rule) => rule === attribute && !isTrue(rule, String(id), viewer, facts),
    );
  return rows.flatMap((row): readonly Row[] => {
    if (row.state !== 1) return [];
    if (row.kind === 'object') {
      if (!isThere(row.id)) return [];
      const attributes = Object.entries(row.attributes as Row).filter(([name]) => !isHidden(row.id, name));
      return [{ ...row, attributes: Object.fromEntries(attributes) }];
    }
    if (row.kind === 'edge') {
      const { storedIdAttr, source, where, order } = storeSchema.edge(row.edgeId);
      // What a list of values hangs on is no object. Which plain edges begin at the viewer is the viewer's to know.
      const isOwn = storedIdAttr === null && row.fromId === viewer;
      const isShown = (source !== null || isOwn || isThere(row.fromId)) && isThere(row.toId);
      const isOfObject = storedIdAttr !== null || source !== null;
      const parts = isOfObject ? [...(source?.attrs ?? []), ...where, ...(order ?? [])].map(({ attr }) => attr) : [];
      return isShown && ![storedIdAttr, ...parts].some((attr) => isHidden(row.toId, attr)) ? [row] : [];
    }
    const { attr } = storeSchema.index(row.index);
    return isThere(row.targetId) && !isHidden(row.targetId, attr) ? [row] : [];
  });
}

/** The one with secrets, and the one without. */
type Worlds = ReadonlyArray<{ kvetch: Kvetch; viewer: { id: string; truth?: Facts; truthAfter?: Facts } }>;

/** What responses have shown to a viewer. */
interface Seen {
  readonly cursors: string[];
  readonly ids: Set<string>;
}

/** Compares for some operations, by a seed. */
export async function compareWorlds(seed: number, operations: number): Promise<Comparison> {
  const dice = new Dice(seed * 2_654_435_761);
  const engine = createEngine({ schema: graphql });
  const differences: string[] = [];
  const roads = new Map<string, { taken: number; shown: number }>();
  let now = START;
  const clock = (): number => now;
  const whole = openStore(seed, clock);
  const ids: { user: string[]; doc: string[]; remark: string[] } = { user: [], doc: [], remark: [] };
  let done = 0;

  /** The worlds of a viewer. The second one is made of the first one's rows. */
  async function worldsOf(viewer: string, reactives: readonly Reactive[] = []): Promise<Worlds> {
    const rows = await linesOf(whole);
    const facts = factsOf(rows);
    // Both go on with the same ids.
    const [one, other] = [0, 1].map((n) => openStore(done + 1, clock, reactives[n]?.changes)) as [Kvetch, Kvetch];
    await one.importLines(rows.map((row) => JSON.stringify(row)));
    await other.importLines(withoutSecrets(rows, facts, viewer).map((row) => JSON.stringify(row)));
    return [
      { kvetch: one, viewer: { id: viewer } },
      { kvetch: other, viewer: { id: viewer, truth: facts } },
    ];
  }

  const anyId = (): string => dice.of([...ids.user, ...ids.doc, ...ids.remark, NOTHING]);
  const some = <T>(value: T): T | undefined => (dice.below(2) === 0 ? value : undefined);

  function variables(cursors: readonly string[], viewer: string): Record<string, unknown> {
    return {
      id: dice.of([anyId(), dice.of(ids.user), dice.of(ids.user)]),
      ids: Array.from({ length: 4 }, anyId),
      userId: dice.of([viewer, dice.of([...ids.user, NOTHING])]),
      docId: dice.of([...ids.doc, NOTHING]),
      ...pageArguments(cursors),
      level: dice.below(3),
      email: `${dice.below(3)}@x`,
      note: `note ${dice.of([0, 1, 2])}`,
      key: dice.of([undefined, 'key']),
      version: dice.of([undefined, undefined, 1, 2]),
      userData: {
        name: dice.of(['new', '', 'forbidden', undefined]),
        email: some(`${dice.below(3)}@x`),
        boss: some(dice.of([anyId(), null])),
      },
      docData: {
        title: dice.of(['new', 'sold', undefined]),
        owner: dice.of([undefined, undefined, dice.of(ids.user), anyId()]),
        level: some(dice.below(3)),
        note: some(`note ${dice.below(3)}`),
      },
    };
  }

  const place = (cursors: readonly string[]): string | undefined =>
    dice.of([undefined, undefined, undefined, undefined, anyId(), dice.of([...cursors, 'x'])]);

  function pageArguments(cursors: readonly string[]): Record<string, unknown> {
    return { first: dice.of([undefined, 1, 2, 3]), after: place(cursors) };
  }

  /** A part of a list in an order: from either end, in either direction, between places, within bounds. */
  function partArguments(cursors: readonly string[], ranges: readonly object[]): Record<string, unknown> {
    const size = dice.of([undefined, 1, 2, 3]);
    const isLast = dice.below(2) === 0;
    return {
      ...{ first: isLast ? undefined : size, last: isLast ? (size ?? 2) : undefined },
      ...{ after: place(cursors), before: place(cursors), reverse: dice.of([undefined, true]) },
      range: some(dice.of(ranges)),
    };
  }

  const kinds = ['create', 'update', 'count', 'user', 'delete', 'check', 'like', 'unlike'];

  /** Mostly of objects that the viewer has seen: a unit with one that is hidden is refused as a whole. */
  function members(viewer: string, seen: ReadonlySet<string>): readonly object[] {
    const docs = ids.doc.filter((id) => seen.has(id));
    return Array.from({ length: 1 + dice.below(4) }, () => {
      const { docId, id, userId, userData, docData, version } = variables([], viewer);
      const ends = { id: dice.of([docId, ...docs]), other: dice.of([id, userId, viewer, viewer]) };
      const [ifNote, ifLevel, ifVersion] = [dice.below(6) === 0 ? 'note 1' : undefined, some(some(1)), some(version)];
      const conditions = { ifVersion, ifNote, ifLevel };
      return { kind: dice.of(kinds), ...ends, user: userData, doc: docData, ...conditions };
    });
  }

  function givenTo([road, source, ranges]: Road, { cursors, ids: seen }: Seen, viewer: string): Operation {
    const given = variables(cursors, viewer);
    if (ranges !== undefined) Object.assign(given, partArguments(cursors, ranges));
    if (road === 'unit of writes') given.members = members(viewer, seen);
    return { road, source, variableValues: given };
  }

  async function change(): Promise<void> {
    now += 1_000;
    const user = dice.of(ids.user);
    const flag = dice.below(2) === 0;
    switch (dice.below(7)) {
      case 0:
        await whole.updateObject(user, { banned: flag });
        break;
      case 1:
        await whole.updateObject(user, { shy: flag, email: `${dice.below(3)}@x` });
        break;
      case 2:
        await whole.updateObject(user, { boss: dice.of(ids.user) });
        break;
      case 3:
        await whole.updateObject(dice.of(ids.doc), { isPrivate: flag, owner: dice.of(ids.user) });
        break;
      case 4:
        await whole.insertEdge('likes', { fromId: user, toId: dice.of(ids.doc) });
        break;
      case 5:
        await whole.insertEdge('stars', { fromId: user, toId: dice.of(ids.doc), data: { stars: dice.below(4) } });
        break;
      default:
        if (flag) await whole.insertEdge('blocks', { fromId: user, toId: dice.of(ids.user) });
        else await whole.updateObject(dice.of(ids.doc), { note: `note ${dice.below(3)}`, level: dice.below(3) });
    }
  }

  async function fill(): Promise<void> {
    for (let n = 0; n < 6; n++) {
      now += 1_000;
      const boss = dice.below(3) > 0 && n > 0 ? dice.of(ids.user) : undefined;
      ids.user.push(
        await whole.createObject('User', {
          name: `user ${n}`,
          email: `${n % 3}@x`,
          ...(boss !== undefined && { boss }),
        }),
      );
    }
    for (let n = 0; n < 14; n++) {
      now += 1_000;
      const doc = { title: `doc ${n}`, owner: dice.of(ids.user), level: n % 3, note: `note ${n % 3}` };
      ids.doc.push(await whole.createObject('Doc', { ...doc, isPrivate: dice.below(3) === 0 }));
    }
    for (let n = 0; n < 8; n++) {
      now += 1_000;
      ids.remark.push(await whole.createObject('Remark', { text: `remark ${n}`, doc: dice.of(ids.doc) }));
    }
    for (const fromId of ids.user) {
      for (const stars of [1, 2]) await whole.insertEdge('stars', { fromId, toId: dice.of(ids.doc), data: { stars } });
    }
    for (let n = 0; n < 10; n++) await change();
  }

  function compare({ road, source, variableValues }: Operation, texts: readonly string[]): void {
    done++;
    const [one = '', other = ''] = texts;
    const count = roads.get(road) ?? { taken: 0, shown: 0 };
    roads.set(road, count);
    count.taken++;
    if (/"(id|name|title|cursor|size|deletedId)":[^n]/.test(one)) count.shown++;
    if (one === other) return;
    differences.push(
      `${road}: ${source} ${JSON.stringify(variableValues)}\n  with secrets: ${one}\n  without:      ${other}`,
    );
  }

  await fill();
  while (done < operations && differences.length < 5) {
    for (let n = dice.below(3); n >= 0; n--) await change();
    const viewer = dice.of(ids.user);
    const seen: Seen = { cursors: [], ids: new Set() };
    let worlds = await worldsOf(viewer);
    const run = async (operation: Operation): Promise<string> => {
      const document = parse(operation.source);
      const texts: string[] = [];
      const at = now;
      for (const world of worlds) {
        now = at;
        const contextValue = { pent: contextOf(world.kvetch, world.viewer), kvetch: world.kvetch.forRequest() };
        const { variableValues } = operation;
        texts.push(await engine.executeToString({ document, variableValues, contextValue }));
        // The other world's verdicts on what was written are those of this one.
        if (document.definitions.some((node) => 'operation' in node && node.operation === 'mutation')) {
          const after = factsOf(await linesOf(world.kvetch));
          for (const { viewer } of worlds) if (viewer.truth !== undefined) viewer.truthAfter ??= after;
        }
      }
      for (const [, cursor] of texts[0]?.matchAll(/"(?:cursor|endCursor)":"([^"]+)"/g) ?? [])
        seen.cursors.push(String(cursor));
      for (const [, id = ''] of texts[0]?.matchAll(/"id":"([^"]+)"/g) ?? []) seen.ids.add(id);
      compare(operation, texts);
      return texts[0] ?? '';
    };
    for (let n = 0; n < 30; n++) {
      await run(givenTo(dice.of(reads), seen, viewer));
    }
    for (let n = 0; n < 2; n++) {
      worlds = await worldsOf(viewer);
      await turnPages(dice.of(listNames), viewer, run, worlds);
    }
    // Each write begins in fresh worlds; what is read after it comes from both.
    for (let n = 0; n < 4; n++) {
      worlds = await worldsOf(viewer);
      now += 1_000;
      await run(givenTo(dice.of(writes), seen, viewer));
      const read = givenTo(dice.of(reads), seen, viewer);
      await run({ ...read, road: `${read.road}, after a write` });
    }
    await compareEvents(await worldsOf(viewer));
    await compareKeys(viewer);
  }
  await whole.close();
  return { operations: done, differences, roads };

  /** Goes through a list; what a cursor names may be hidden before the next page is asked for. */
  async function turnPages(
    name: string,
    viewer: string,
    run: (operation: Operation) => Promise<string>,
    worlds: Worlds,
  ): Promise<void> {
    const given = { id: dice.of([viewer, dice.of(ids.user)]), first: 1 + dice.below(3) };
    let after: string | undefined;
    for (let page = 0; page < 5; page++) {
      const variableValues = { ...given, after };
      const text = await run({ road: `pages of ${name}`, source: pagesOf(name), variableValues });
      const [, cursor, id = ''] = /"cursor":"([^"]+)","node":\{"id":"([^"]+)"\}\}\],/.exec(text) ?? [];
      if (cursor === undefined || !text.includes('"hasNextPage":true')) return;
      after = cursor;
      if (dice.below(3) === 0) await hide(id, worlds);
    }
  }

  /** Hides a document of somebody else; without secrets it is deleted. */
  async function hide(id: string, worlds: Worlds): Promise<void> {
    const at = now;
    for (const { kvetch, viewer } of worlds) {
      now = at;
      const record = await kvetch.getObject(id);
      if (record === null || record.typeId !== 701 || record.owner === viewer.id) continue;
      if (viewer.truth === undefined) await kvetch.updateObject(id, { isPrivate: true });
      else await kvetch.deleteObject(id);
    }
  }

  /** An object is hidden between two events: without secrets it is deleted. */
  async function compareEvents(worlds: Worlds): Promise<void> {
    const id = anyId();
    const source = `subscription ($id: ID!) { changes(id: $id) { plain node { id ... on Doc { title note owner { name } } } } }`;
    const texts: string[] = [];
    const at = now;
    for (const world of worlds) {
      const { kvetch, viewer } = world;
      now = at;
      async function* events(of: string): AsyncGenerator<{ id: string }> {
        yield { id: of };
        await hide(of, [world]);
        yield { id: of };
      }
      const stream = (await engine.subscribe({
        document: parse(source),
        variableValues: { id },
        contextValue: { pent: contextOf(kvetch, viewer), events },
      })) as AsyncGenerator<ExecutionResult>;
      const told: unknown[] = [];
      for await (const event of stream) told.push(event);
      texts.push(JSON.stringify(told));
    }
    compare({ road: 'subscription', source, variableValues: { id } }, texts);
  }

  /** What reactive responses and mutations say of bare ids, and how they say it again. */
  async function compareKeys(viewer: string): Promise<void> {
    const asked = { a: anyId(), b: anyId() };
    const reactives = [0, 1].map(() => createReactive({ engine, versions: memoryVersions(), secrets }) as Reactive);
    const worlds = await worldsOf(viewer, reactives);
    const truth = itemAt(worlds, 1).viewer.truth as Facts;
    // One that both worlds show: nothing that is hidden depends on its title.
    const shown = dice.of([...ids.doc.filter((id) => isReadable(id, viewer, truth)), NOTHING]);
    const texts: string[] = [];
    const at = now;
    for (const [n, world] of worlds.entries()) {
      now = at;
      const context = () => ({ pent: contextOf(world.kvetch, world.viewer), kvetch: world.kvetch.forRequest() });
      const told = await askReactively(itemAt(reactives, n), context, viewer, asked, shown);
      texts.push(JSON.stringify(told));
    }
    compare(
      { road: 'reactive keys', source: 'see reactiveWorld.ts', variableValues: { ...asked, shown, viewer } },
      texts,
    );
  }
}
