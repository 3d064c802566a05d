/**
 * Rules that ask about each other, at random: what is readable depends on no order of reads and on no timing, and is
 * what a fixpoint by brute force says.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Pent } from '../../src/pent.ts';
import { Random } from '../fuzz/Random.ts';
import { type Formula, holds, leastFixpoint, nodeContext, openNodes, type RuleWorld, type Style } from './ruleWorld.ts';

const WORLDS = Number(process.env.DECISION_WORLDS ?? 150);
const NODES = 9;
const STRATUM = 3;
const STYLES: readonly Style[] = ['each', 'many', 'mixed'];

const test = suite('privacy decisions');

/** Without "not": more readable nodes make more nodes readable. */
function monotone(random: Random, asks: readonly number[], depth = 0): Formula {
  const kind = random.below(depth > 2 ? 4 : 7);
  if (kind === 0) return random.below(3) > 0;
  if (kind < 4) return { ask: random.pick(asks) };
  const parts = Array.from({ length: 1 + random.below(3) }, () => monotone(random, asks, depth + 1));
  return kind < 6 ? { any: parts } : { all: parts };
}

/** "Not" is said of lower strata only, so that no circle goes through it. */
function stratified(random: Random, place: number): Formula {
  const stratum = Math.floor(place / STRATUM);
  const upTo = Array.from({ length: Math.min(NODES, (stratum + 1) * STRATUM) }, (_, at) => at);
  const below = upTo.filter((at) => at < stratum * STRATUM);
  const positive = monotone(random, upTo);
  if (below.length === 0) return positive;
  const negative: Formula = { not: monotone(random, below) };
  return random.below(2) === 0
    ? { all: [negative, positive] }
    : { when: monotone(random, below), yes: positive, no: monotone(random, upTo) };
}

function arbitrary(random: Random, depth = 0): Formula {
  const all = Array.from({ length: NODES }, (_, at) => at);
  const kind = random.below(6);
  if (depth > 1 || kind < 2) return monotone(random, all);
  const part = (): Formula => arbitrary(random, depth + 1);
  if (kind === 2) return { not: part() };
  if (kind === 3) return { when: part(), yes: part(), no: part() };
  return kind === 4 ? { all: [part(), part()] } : { any: [part(), part()] };
}

/** The fixpoint of each stratum, above those below it. */
function byStrata(formulas: readonly Formula[]): readonly boolean[] {
  const readable = formulas.map(() => false);
  for (let first = 0; first < NODES; first += STRATUM) {
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (let place = first; place < first + STRATUM; place++) {
        const verdict = holds(formulas[place] as Formula, readable);
        if (verdict === readable[place]) continue;
        readable[place] = verdict;
        isChanged = true;
      }
    }
  }
  return readable;
}

/** Reads all nodes of a world in a random order, some together, some at once. Returns what is readable. */
async function readAll(
  random: Random,
  { kvetch, ids }: Awaited<ReturnType<typeof openNodes>>,
  world: RuleWorld,
): Promise<readonly boolean[]> {
  const context = nodeContext(kvetch, world);
  const readable = new Map<string, boolean>();
  const read = async (some: readonly string[]): Promise<void> => {
    const pents = await Pent.getMany(context, some);
    for (const [at, id] of some.entries()) {
      const is = pents[at] !== null;
      assert.is(readable.get(id) ?? is, is, 'the same answer twice');
      readable.set(id, is);
    }
  };
  const order = shuffled(random, ids);
  const running: Promise<void>[] = [];
  for (let at = 0; at < order.length; ) {
    const count = 1 + random.below(4);
    const going = read(order.slice(at, at + count));
    running.push(going);
    if (random.below(2) === 0) await going;
    at += count;
  }
  await Promise.all(running);
  await read(shuffled(random, ids));
  return ids.map((id) => readable.get(id) === true);
}

function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function pauses(random: Random): () => Promise<void> | null {
  const mode = random.below(3);
  return () => {
    if (mode === 0 || random.below(2) === 0) return null;
    if (mode === 1) return Promise.resolve();
    return new Promise((resolve) => setImmediate(resolve));
  };
}

async function compare(
  seed: number,
  make: (random: Random, place: number) => Formula,
  expected: (formulas: readonly Formula[]) => readonly boolean[] | null,
): Promise<void> {
  const random = new Random(seed);
  const opened = await openNodes(NODES);
  const formulas = opened.ids.map((_, place) => make(random, place));
  const worldOf = (style: Style): RuleWorld => ({ ids: opened.ids, formulas, style, pause: pauses(random) });
  const wanted = expected(formulas) ?? (await alone(opened, worldOf('each')));
  for (const style of STYLES) {
    for (let run = 0; run < 3; run++) {
      const found = await readAll(random, opened, worldOf(style));
      assert.equal(found, wanted, `seed ${seed}, ${style}: ${JSON.stringify(formulas)}`);
    }
  }
}

/** Each node read first in a request of its own. */
async function alone(
  { kvetch, ids }: Awaited<ReturnType<typeof openNodes>>,
  world: RuleWorld,
): Promise<readonly boolean[]> {
  const readable: boolean[] = [];
  for (const id of ids) readable.push((await Pent.get(nodeContext(kvetch, world), id)) !== null);
  return readable;
}

test('rules that allow more where more is readable: the least fixpoint, in any order', async () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    await compare(
      seed,
      (random) =>
        monotone(
          random,
          Array.from({ length: NODES }, (_, at) => at),
        ),
      leastFixpoint,
    );
  }
});

test('rules that deny because others are readable, in no circle: their meaning, in any order', async () => {
  for (let seed = 1; seed <= WORLDS; seed++) await compare(seed, stratified, byStrata);
});

test('rules that contradict each other in circles: the same answers in any order', async () => {
  for (let seed = 1; seed <= WORLDS; seed++)
    await compare(
      seed,
      (random) => arbitrary(random),
      () => null,
    );
});

test.run();
