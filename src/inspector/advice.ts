import { splitKeys } from '../utils/wireKeys.ts';
import type { InvalidationRecord, OperationRecord } from './records.ts';
import type { StepRecord } from './StepCalls.ts';

/** Something that costs more than it need. */
export interface Advice {
  readonly kind: 'rows' | 'calls' | 'key';
  readonly text: string;
  /** The record that shows it. */
  readonly operation: string | null;
  readonly step: number | null;
  readonly key: string | null;
}

/** From how many rows on it matters that a step does not load them together. */
const MANY_ROWS = 10;
const MANY_CALLS = 10;
/** A key is broad when so many sets hold it, or so large a part of them. */
const MANY_WATCHES = 100;
const MOST_WATCHES = 1 / 2;
const FEW_WATCHES = 10;

/** Steps of resolvers: they are called once for all rows, and call the resolver once for each. */
const OF_RESOLVERS = /^(resolve|field)$/;

/** Advice on steps that load one row at a time: each step once, by the operation where it costs most. */
export function stepAdvice(operations: readonly OperationRecord[]): readonly Advice[] {
  const found = new Map<string, Advice & { readonly cost: number }>();
  for (const operation of operations) {
    for (const step of operation.calls.steps()) {
      const advice = adviceOn(operation, step);
      const place = `${step.op} ${step.coordinate}`;
      if (advice !== null && advice.cost > (found.get(place)?.cost ?? 0)) found.set(place, advice);
    }
  }
  return [...found.values()].sort((a, b) => b.cost - a.cost).map(({ cost: _cost, ...advice }) => advice);
}

function adviceOn({ id, name }: OperationRecord, step: StepRecord): (Advice & { readonly cost: number }) | null {
  const { op, coordinate, calls, rows, waited } = step;
  const place = `${coordinate ?? op} in ${name === '' ? 'an operation without a name' : name}`;
  const common = { operation: id, step: step.step, key: null };
  if (OF_RESOLVERS.test(op) && waited && rows >= MANY_ROWS) {
    const text = `${place}: the resolver ran ${rows} times and waited, once for each row. A plan with loadOne or loadMany asks for all rows in one call.`;
    return { ...common, kind: 'rows', text, cost: rows };
  }
  if (!waited || calls < MANY_CALLS || rows > 1.5 * calls) return null;
  const text = `${place}: ${calls} calls for ${rows} rows, one row at a time. Rows that are ready at different times have calls of their own: load them from one list, or let the loader share calls (batch).`;
  return { ...common, kind: 'calls', text, cost: calls };
}

/** The known facts of one key. */
export interface KeyFacts {
  /** Its name on the wire. */
  readonly key: string;
  /** Its kind: `o` an object, `e` a list, `i` an index, `t` a type, `m` by hand; null: unknown here. */
  readonly kind: string | null;
  /** As text, where the application wants that. */
  readonly text: string | null;
  /** How many sets hold it on this server now. */
  readonly watches: number;
  /** The number of recorded batches with it, and their effects. */
  readonly invalidations: number;
  readonly effects: number;
}

/** The keys that most sets hold, and those whose changes have the most effects. */
export function keysByFanOut(
  busiest: readonly (readonly [key: string, watches: number])[],
  invalidations: readonly InvalidationRecord[],
  count: number,
): readonly KeyFacts[] {
  const byKey = new Map<string, { kind: string | null; text: string | null; invalidations: number; effects: number }>();
  for (const { keys, keyKinds, texts, effectCount } of invalidations) {
    for (const [at, key] of splitKeys(keys).entries()) {
      const facts = byKey.get(key) ?? { kind: null, text: null, invalidations: 0, effects: 0 };
      facts.kind ??= keyKinds[at] ?? null;
      facts.text ??= texts?.[at] ?? null;
      facts.invalidations++;
      facts.effects += effectCount;
      byKey.set(key, facts);
    }
  }
  const watches = new Map(busiest);
  const none = { kind: null, text: null, invalidations: 0, effects: 0 };
  const cost = ({ watches, invalidations, effects }: KeyFacts): number => watches * (1 + invalidations) + effects;
  return [...new Set([...watches.keys(), ...byKey.keys()])]
    .map((key): KeyFacts => ({ key, watches: watches.get(key) ?? 0, ...(byKey.get(key) ?? none) }))
    .sort((a, b) => cost(b) - cost(a))
    .slice(0, count);
}

const remedies: Readonly<Record<string, string>> = {
  t: 'It changes with every object of the type that is created or deleted: list these by an edge or an index.',
  e: 'Each new member is told to all clients that show the list: show a page of it, or throttle it.',
  o: 'A read of any field depends on the whole object: move fields that change often into an object of its own, or throttle the field.',
  i: 'A change is told to all clients that looked the value up: a narrower index concerns fewer.',
  m: 'A key by hand is as broad as its text: put its subject into the text.',
};

/** Advice on keys that many hold and that change. `watches`: how many sets there are, all in all. */
export function keyAdvice(keys: readonly KeyFacts[], watches: number): readonly Advice[] {
  return keys
    .filter(
      (key) =>
        key.invalidations > 0 &&
        (key.watches >= MANY_WATCHES || (key.watches >= FEW_WATCHES && key.watches >= watches * MOST_WATCHES)),
    )
    .map(({ key, kind, text, watches: held, invalidations }) => ({
      kind: 'key',
      text: `Key ${text ?? key}: ${held} of ${watches} sets hold it, and it changed ${invalidations} times lately. ${remedies[kind ?? ''] ?? 'Find the write that changes it, and check that all clients need to know.'}`,
      operation: null,
      step: null,
      key,
    }));
}
