import type { Notes, VersionStore } from '../reactive/versions/VersionStore.ts';
import type { InvalidationMessage, PropagationMessage } from '../telemetry/reactiveChannels.ts';
import type { Traced } from '../telemetry/traceable.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import { WIRE_KEY_CHARS } from '../utils/wireKeys.ts';
import { cut } from './cut.ts';
import { NoteSender } from './NoteSender.ts';
import { type Note, toNotes } from './notes.ts';
import type { Ring } from './Ring.ts';
import type { Effect, InvalidationRecord } from './records.ts';

export interface ChangeLogOptions {
  /** The name of this server among those that share the version store. */
  readonly server: string;
  readonly versions: VersionStore;
  readonly ring: Ring<InvalidationRecord>;
  readonly showsKeys: boolean;
}

const MAX_KEYS = 1000;
const MAX_TEXTS = 200;
const MAX_EFFECTS = 50;
const MAX_SERVERS = 50;
const MAX_NAME = 200;
const OWN_BYTES = 1_000;
const EFFECT_BYTES = 700;
const MAX_CAUSES = 10;

/**
 * The last batches of changes, each with its origin, its watchers and its effects, on all servers with an inspector that
 * share the version store. The servers exchange notes, which may get lost.
 */
export class ChangeLog {
  readonly versions: VersionStore;
  readonly #server: string;
  readonly #ring: Ring<InvalidationRecord>;
  readonly #showsKeys: boolean;
  readonly #sender: NoteSender | null;
  readonly #leave: (() => void) | null;
  readonly #byId = new Map<string, InvalidationRecord>();
  /** How many batches there were since it began. */
  count = 0;

  constructor({ server, versions, ring, showsKeys }: ChangeLogOptions) {
    this.versions = versions;
    this.#server = server;
    this.#ring = ring;
    this.#showsKeys = showsKeys;
    const notes: Notes | undefined = versions.notes;
    this.#sender = notes === undefined ? null : new NoteSender(notes);
    this.#leave = notes?.listen((text) => this.#hear(text)) ?? null;
  }

  /** To be called with each record that leaves the ring. */
  forget({ id }: InvalidationRecord): void {
    this.#byId.delete(id);
  }

  /** How many notes were not sent, as there were too many. */
  get unsent(): number {
    return this.#sender?.unsent ?? 0;
  }

  close(): void {
    this.#leave?.();
    this.#sender?.close();
  }

  /** This process has told the version store of changes. Returns the batch; null: the store did not take it. */
  invalidated(
    { keys, names, result }: Traced<InvalidationMessage>,
    by: { readonly id: string; readonly name: string } | null,
    at: number,
    flushMs: number,
  ): string | null {
    const { epoch, seq } = propertiesOf(result);
    if (typeof epoch !== 'string' || typeof seq !== 'number') return null;
    const kinds: Record<string, number> = {};
    for (const key of keys) kinds[key.slice(0, 1)] = (kinds[key.slice(0, 1)] ?? 0) + 1;
    const record = this.#recordOf(epoch, seq, names);
    const name = by === null ? null : cut(by.name, MAX_NAME);
    const operation = by?.id ?? null;
    Object.assign(record, { at, server: this.#server, name, operation, flushMs, kinds });
    if (names.length === record.keyCount && keys.length > 0) this.#nameKeys(record, keys);
    this.#sender?.send({ t: 'made', id: record.id, server: this.#server, at, name, operation, flushMs, kinds });
    return record.id;
  }

  /** Each key has as many names as there are secrets, one behind the other. */
  #nameKeys(record: InvalidationRecord, keys: readonly string[]): void {
    const each = record.keyCount / keys.length;
    const named = Array.from({ length: keysIn(record.keys) }, (_, at) => keys[Math.floor(at / each)] ?? '');
    record.keyKinds = named.map((key) => key.slice(0, 1)).join('');
    this.#ring.grow(record, 2 * named.length);
    if (!this.#showsKeys) return;
    record.texts = named.slice(0, MAX_TEXTS).map((key) => cut(key, MAX_NAME));
    this.#ring.grow(record, record.texts.length * (60 + 2 * MAX_NAME));
  }

  /** A batch has come to this process, and its watchers here have been told. */
  propagated({ epoch, seq, keys, told }: PropagationMessage): void {
    const { id } = this.#recordOf(epoch, seq, keys);
    const note: Note = { t: 'told', id, server: this.#server, at: Date.now(), told };
    this.#take(note);
    this.#sender?.send(note);
  }

  /** A refetch or live run of this process is over that a batch has led to. */
  caused(id: string, effect: Omit<Effect, 'server'>): void {
    const note: Note = { t: 'effect', id, effect: { ...effect, server: this.#server } };
    this.#take(note);
    this.#sender?.send(note);
  }

  /**
   * The batches that last changed some keys, as far as they are remembered: all behind `after`, or where that is not known (0)
   * the newest.
   */
  causes(epoch: string, states: readonly { readonly seq: number }[], after: number): readonly string[] {
    const seqs = new Set<number>();
    for (const { seq } of states) if (seq > after && this.#byId.has(`${epoch}:${seq}`)) seqs.add(seq);
    const sorted = [...seqs].sort((a, b) => b - a);
    return sorted.slice(0, after === 0 ? 1 : MAX_CAUSES).map((seq) => `${epoch}:${seq}`);
  }

  #recordOf(epoch: string, seq: number, names: readonly string[]): InvalidationRecord {
    const id = `${epoch}:${seq}`;
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const keys = names.slice(0, MAX_KEYS).join('');
    const record: InvalidationRecord = {
      ...{ id, seq, at: Date.now(), server: null, name: null, operation: null, flushMs: null, kinds: {}, texts: null },
      ...{ keyCount: names.length, keys, keyKinds: '', told: new Map(), effects: [], effectCount: 0 },
      bytes: OWN_BYTES + 2 * keys.length,
    };
    this.count++;
    this.#byId.set(id, record);
    this.#ring.add(record);
    return record;
  }

  #hear(text: string): void {
    for (const note of toNotes(text)) if (noteServer(note) !== this.#server) this.#take(note);
  }

  /** Notes of unknown batches are dropped: the version store tells this process of all batches. */
  #take(note: Note): void {
    const record = this.#byId.get(note.id);
    if (record === undefined) return;
    switch (note.t) {
      case 'made': {
        const { server, at, name, operation, flushMs, kinds } = note;
        Object.assign(record, { server, at, name, operation, flushMs, kinds });
        return;
      }
      case 'told': {
        if (record.told.size >= MAX_SERVERS || record.told.has(note.server)) return;
        record.told.set(note.server, { ...note.told, at: note.at });
        return this.#ring.grow(record, 300);
      }
      case 'effect':
        record.effectCount++;
        if (record.effects.length >= MAX_EFFECTS) return;
        record.effects.push(note.effect);
        return this.#ring.grow(record, EFFECT_BYTES);
    }
  }
}

function noteServer(note: Note): string {
  return note.t === 'effect' ? note.effect.server : note.server;
}

/** How many wire keys a text has. */
function keysIn(text: string): number {
  return text.length / WIRE_KEY_CHARS;
}
