import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { VersionsUnavailableError } from './errors.ts';
import { heldVersions } from './staleness.ts';
import type { Change, KeyState, Moment, Reading, VersionListener, VersionStore } from './VersionStore.ts';

/** Keys that are asked for again and again. */
export interface AskedKeys {
  readonly keys: readonly string[];
  /** The same, one behind the other. */
  readonly text: string;
}

/** The versions under which data is held that was read after some moment, and the readings behind them. */
export interface HeldReading {
  readonly versions: readonly number[];
  readonly reading: Reading;
}

interface KnownReading {
  reading: Reading;
  /** The versions of the reading, and its last change. */
  versions: readonly number[];
  seq: number;
  /** Changes from here on are not yet in it. */
  at: number;
}

interface Noted extends KeyState {
  readonly key: string;
}

/** Where more keys have changed since, they are read again: that takes less. */
const MAX_NOTED = 32;
/** How many changes are remembered. */
const LOG = 1024;

/**
 * Reads versions once, and follows the changes that the store reports. The known versions are true as of the moment that
 * this process has seen, which is the moment that a request notes when it begins (spec 11.2.4): the store could only add
 * later changes, and those are not in the data. Where the process does not hear of changes, the store is asked.
 */
export class KnownReadings implements VersionListener {
  readonly #store: VersionStore;
  readonly #unlisten: () => void;
  #known = new WeakMap<AskedKeys, KnownReading>();
  /** The last changes. */
  #log: Noted[] = [];
  /** How many changes there were before the log. */
  #before = 0;
  /** How far the log goes. */
  #heard: Moment | null;

  constructor(store: VersionStore) {
    this.#store = store;
    this.#heard = store.seen;
    this.#unlisten = store.listen(this);
  }

  /** @throws VersionsUnavailableError */
  heldSince(asOf: Moment, asked: AskedKeys): MaybePromise<HeldReading> {
    const found = this.#find(asked);
    if (found !== null) return held(asOf, found);
    const from = this.#known;
    const at = this.#end;
    const take = (reading: Reading): HeldReading => {
      const { states } = reading;
      if (states.length !== asked.keys.length) throw new VersionsUnavailableError();
      const read: KnownReading = { reading, versions: states.map(({ version }) => version), seq: lastSeq(states), at };
      // After a gap nobody knows which changes are missing.
      if (from === this.#known) from.set(asked, read);
      return held(asOf, read);
    };
    const reading = this.#store.read(asked.keys);
    return isPromiseLike(reading) ? reading.then(take) : take(reading);
  }

  onChange({ epoch, keys, versions, seq }: Change): void {
    const isOther = this.#heard !== null && epoch !== this.#heard.epoch;
    this.#heard = this.#store.seen;
    if (isOther || keys.length > MAX_NOTED) return this.#forget();
    for (const [at, key] of keys.entries()) this.#log.push({ key, version: versions[at] ?? 0, seq });
    if (this.#log.length < LOG) return;
    this.#before += this.#log.length - MAX_NOTED;
    this.#log = this.#log.slice(-MAX_NOTED);
  }

  onGap(): void {
    this.#heard = this.#store.seen;
    this.#forget();
  }

  close(): void {
    this.#unlisten();
    this.#heard = null;
    this.#forget();
  }

  get #end(): number {
    return this.#before + this.#log.length;
  }

  #forget(): void {
    this.#before = this.#end;
    this.#log = [];
    this.#known = new WeakMap();
  }

  #find(asked: AskedKeys): KnownReading | null {
    const { seen, isCurrent } = this.#store;
    const heard = this.#heard;
    if (isCurrent !== true || seen === null || seen.epoch !== heard?.epoch || seen.seq !== heard.seq) return null;
    const known = this.#known.get(asked);
    if (known === undefined || known.reading.epoch !== seen.epoch) return null;
    if (known.at === this.#end) return known;
    const from = known.at - this.#before;
    if (from < 0 || this.#log.length - from > MAX_NOTED) return null;
    known.at = this.#end;
    for (let at = from; at < this.#log.length; at++) note(known, asked, this.#log[at]);
    return known;
  }
}

/** Puts a change into the known versions. */
function note(known: KnownReading, { text }: AskedKeys, noted: Noted | undefined): void {
  if (noted === undefined) return;
  const { key, version, seq } = noted;
  let place = text.indexOf(key);
  while (place > 0 && place % WIRE_KEY_CHARS !== 0) place = text.indexOf(key, place + 1);
  if (place < 0) return;
  const at = place / WIRE_KEY_CHARS;
  const { reading } = known;
  if ((reading.states[at]?.seq ?? seq) >= seq) return;
  // Others may hold the versions known before.
  known.reading = { ...reading, states: reading.states.with(at, { version, seq }) };
  known.versions = known.versions.with(at, version);
  known.seq = Math.max(known.seq, seq);
}

function held(asOf: Moment, { reading, versions, seq }: KnownReading): HeldReading {
  const isOlder = reading.epoch === asOf.epoch && reading.floor <= asOf.seq && seq <= asOf.seq;
  return { reading, versions: isOlder ? versions : heldVersions(asOf, reading) };
}

function lastSeq(states: readonly KeyState[]): number {
  let last = 0;
  for (const { seq } of states) if (seq > last) last = seq;
  return last;
}
