/** The rules of spec 9.1. Each can be left out to see what it is for. */
export interface Protocol {
  readonly writesFill: boolean;
  readonly fillsNeedLease: boolean;
  readonly removalEndsLease: boolean;
  readonly writesLeaveNotes: boolean;
  readonly settlesAfterRemoval: boolean;
  readonly restoreBeginsEpoch: boolean;
  /** Whether a read can join one of its process that began before, however long ago: spec 9.5 allows 100 ms. */
  readonly joinsOlderReads: boolean;
}

export const protocol: Protocol = {
  ...{ writesFill: false, fillsNeedLease: true, removalEndsLease: true },
  ...{ writesLeaveNotes: true, settlesAfterRemoval: true, restoreBeginsEpoch: true, joinsOlderReads: false },
};

/** What lies in Redis: nothing (0), the lease of a reader (-1, -2, …), or `10 * epoch + version`. */
type Cached = number;

/**
 * Where a writer is: not begun, committed, done (Redis heard of it, or did not and never will), dead after its commit, done
 * while its removal, which got no answer in time, is still on its way.
 */
const [IDLE, COMMITTED, HEARD, UNHEARD, DEAD, LATE] = [0, 1, 2, 3, 4, 5];

interface State {
  readonly row: number;
  readonly cached: Cached;
  /** What a snapshot holds; `null` before one was taken, and after it was restored. */
  readonly snapshot: Cached | null;
  readonly epoch: number;
  /** The newest version of whose write Redis has heard. */
  readonly heard: number;
  /** Versions whose notes lie in the outbox, as bits. */
  readonly notes: number;
  readonly writers: ReadonlyArray<readonly [at: number, version: number]>;
  /**
   * 0: asks; 1: found nothing; 2: has a lease; 3: has loaded a version; 4: has answered. And the epoch of its lease, the
   * version, and the newest of whose write Redis had heard when it asked.
   */
  readonly readers: ReadonlyArray<readonly [at: number, epoch: number, loaded: number, asked: number]>;
  /** 0: idle; 1: has read notes; 2: has done one of removing and settling. And the notes. */
  readonly relay: readonly [at: number, notes: number];
}

/** The states that can be reached in any order of events, and those in which somebody reads what is too old. */
export function explore(
  rules: Protocol,
  { writers, readers }: { readonly writers: number; readonly readers: number },
): { readonly states: number; readonly wrong: readonly string[] } {
  const first: State = {
    ...{ row: 1, cached: 1, snapshot: null, epoch: 0, heard: 1, notes: 0, relay: [0, 0] },
    writers: Array.from({ length: writers }, () => [IDLE, 0] as const),
    readers: Array.from({ length: readers }, () => [0, 0, 0, 0] as const),
  };
  const seen = new Set([keyOf(first)]);
  const open = [first];
  const wrong: string[] = [];
  for (let state = open.pop(); state !== undefined && wrong.length < 3; state = open.pop()) {
    if (isWrong(state)) wrong.push(keyOf(state));
    for (const next of nextOf(state, rules)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return { states: seen.size, wrong };
}

/**
 * What a reader would find now must show what Redis heard of; when nothing is left to be done, what is in the store. What a
 * reader has loaded must show what Redis had heard of when it asked.
 */
function isWrong({ row, cached, epoch, heard, notes, writers, readers, relay }: State): boolean {
  if (readers.some(([at, , loaded, asked]) => at >= 3 && loaded < asked)) return true;
  if (cached <= 0 || Math.floor(cached / 10) !== epoch) return false;
  const isQuiet = notes === 0 && relay[0] === 0 && writers.every(([at]) => at !== COMMITTED);
  return cached % 10 < (isQuiet ? row : heard);
}

function* nextOf(state: State, rules: Protocol): Generator<State> {
  const { row, cached, snapshot, epoch, notes } = state;
  for (const [n, [at, version]] of state.writers.entries()) {
    const become = (to: number): State['writers'] => state.writers.map((one, i) => (i === n ? [to, version] : one));
    if (at === IDLE) {
      const writers = state.writers.map((one, i) => (i === n ? ([COMMITTED, row + 1] as const) : one));
      yield { ...state, row: row + 1, notes: rules.writesLeaveNotes ? notes | (1 << (row + 1)) : notes, writers };
    }
    if (at === COMMITTED) {
      const settled = notes & ~(1 << version);
      const told = { ...state, notes: settled, writers: become(HEARD), heard: Math.max(state.heard, version) };
      const isNewer = cached <= 0 || cached % 10 < version;
      if (rules.writesFill) yield { ...told, cached: isNewer ? 10 * epoch + version : cached };
      else yield { ...told, cached: remove(cached, rules) };
      yield { ...state, writers: become(UNHEARD) };
      yield { ...state, writers: become(DEAD) };
      yield { ...state, writers: become(LATE) };
    }
    if (at === LATE) yield { ...state, cached: remove(cached, rules), writers: become(UNHEARD) };
  }
  for (const [n, [at, leased, loaded, asked]] of state.readers.entries()) {
    const become = (...reader: State['readers'][number]): State['readers'] =>
      state.readers.map((one, i) => (i === n ? reader : one));
    const lease = -1 - n;
    if (at === 0 && cached === 0) yield { ...state, readers: become(1, 0, 0, state.heard) };
    // of another epoch: its lease takes the place
    if (at === 0 && cached > 0 && Math.floor(cached / 10) !== epoch)
      yield { ...state, cached: lease, readers: become(2, epoch, 0, state.heard) };
    if (at === 1 && cached === 0) yield { ...state, cached: lease, readers: become(2, epoch, 0, asked) };
    if (at === 1 && cached !== 0) yield { ...state, readers: become(0, 0, 0, 0) };
    if (at === 2) yield { ...state, readers: become(3, leased, row, asked) };
    if (at === 0 && rules.joinsOlderReads) {
      for (const [joinedAt, , seen] of state.readers)
        if (joinedAt === 3) yield { ...state, readers: become(4, 0, seen, state.heard) };
    }
    if (at === 4) yield { ...state, readers: become(0, 0, 0, 0) };
    if (at === 3) {
      const fills = rules.fillsNeedLease ? cached === lease : cached <= 0;
      yield { ...state, cached: fills ? 10 * leased + loaded : cached, readers: become(0, 0, 0, 0) };
    }
  }
  const [at, own] = state.relay;
  if (at === 0 && notes !== 0) yield { ...state, relay: [1, notes] };
  if (at > 0) {
    yield { ...state, relay: [0, 0] }; // it dies
    const removes = (at === 1) === rules.settlesAfterRemoval;
    const relay: State['relay'] = at === 1 ? [2, own] : [0, 0];
    if (removes) yield { ...state, cached: remove(cached, rules), relay };
    else yield { ...state, notes: notes & ~own, relay };
  }
  if (cached !== 0) yield { ...state, cached: 0 }; // evicted, or expired
  if (snapshot === null && epoch === 0) yield { ...state, snapshot: cached };
  if (snapshot !== null && epoch === 0)
    yield { ...state, cached: snapshot, snapshot: null, epoch: rules.restoreBeginsEpoch ? 1 : 0 };
}

function remove(cached: Cached, { removalEndsLease }: Protocol): Cached {
  return cached < 0 && !removalEndsLease ? cached : 0;
}

function keyOf({ row, cached, snapshot, epoch, heard, notes, writers, readers, relay }: State): string {
  return `${row} ${cached} ${snapshot} ${epoch} ${heard} ${notes} ${writers.join(';')} ${readers.join(';')} ${relay.join()}`;
}
