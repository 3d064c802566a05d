import { PlanqlError } from '../../errors/PlanqlError.ts';
import { emitWarning } from '../../utils/emitWarning.ts';
import { ALL_KEYS, splitKeys, WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import { type Begun, now } from '../versions/beginOf.ts';
import type { Held } from '../versions/staleness.ts';
import type { GrantRefusal, Grants } from './Grants.ts';
import { SEED_CHARS, type SealedRun, Seals, type Seed, type SubjectSeal, wordsIn } from './Seals.ts';
import { NAME_WORDS, type ReactiveSecret } from './WireKeys.ts';

/** The keys of one response as its client holds them (spec 11.8.1). */
export interface SealedSet {
  readonly epoch: string;
  /** When the response began to read, by the clock: it orders the responses of a client. */
  readonly asOf: number;
  readonly keys: string;
  readonly versions: readonly number[];
  readonly grant: string;
}

/** A sealed set with its true names and versions. A key that several positions have is there several times. */
export interface OpenSet extends Held {
  /** The names that the client knows, one behind the other. */
  readonly sealed: string;
  /** By place: the number that is added to the true version. */
  readonly offsets: Int32Array;
}

/** True names, by place, to be sealed for positions. */
export interface Unsealed {
  readonly begun: Begun;
  readonly names: Int32Array;
  readonly runs: readonly SealedRun[];
  readonly versions: readonly number[];
}

/** A mutation names no more keys: all may have changed. */
const MAX_EVERYWHERE = 5000;
const SEPARATOR = '~';
/** Moments are sealed in the place of a name, for no position. */
const MOMENT: readonly SealedRun[] = [{ seed: 'A'.repeat(SEED_CHARS), count: 1 }];
const WORD = 2 ** 32;

const ADVICE: Partial<Record<GrantRefusal, string>> = {
  secret:
    'A client holds keys under a secret that this server does not have. Give all servers the same "secrets", with the same ids: until then such clients fetch everything again and again.',
  signature:
    'A client holds keys under a grant that was given to another subject, or with another secret of the same id. "authenticate" of createInvalidationServer must give the "subject" that execute was given for the same client, and all servers need the same "secrets" and "tenant": until then such clients fetch everything again and again.',
};

/** Seals the keys of responses, and opens what clients send of them. */
export class SealedSets {
  readonly #seals: Seals;
  readonly #grants: Grants;

  constructor(secrets: readonly ReactiveSecret[], tenant: string, grants: Grants) {
    this.#seals = new Seals(secrets, tenant);
    this.#grants = grants;
  }

  /** How often sets were refused, by the reason. */
  readonly refused: Record<GrantRefusal, number> = { age: 0, secret: 0, signature: 0, form: 0 };

  of(subject: string): SubjectSeal {
    return this.#seals.of(subject);
  }

  seal(subject: string, { begun, names, runs, versions }: Unsealed): SealedSet {
    const own = this.of(subject);
    const { text: keys, offsets } = own.seal(names, runs);
    const seals = [writeMoment(own, begun), ...runs.map(({ seed, count }) => seed + count.toString(36))];
    return {
      epoch: begun.epoch,
      asOf: begun.at,
      keys,
      versions: versions.map((version, at) => version + (offsets[at] ?? 0)),
      grant: this.#grants.give(subject, keys, seals.join(SEPARATOR)),
    };
  }

  /** A set of keys of one position, as a response would have it: for programs that make responses of their own. */
  sealHeld(subject: string, { epoch, seq, keys, versions }: Held, position = ''): SealedSet {
    const runs = [{ seed: this.of(subject).seedOf(position), count: keys.length }];
    return this.seal(subject, { begun: { epoch, seq, at: now() }, names: wordsIn(keys.join('')), runs, versions });
  }

  /** Null: the grant is not good for the subject and these keys, for whatever reason. */
  open(subject: string, { epoch, keys, versions, grant }: Omit<SealedSet, 'asOf'>): OpenSet | null {
    const content = this.#grants.read(grant, subject, keys);
    if (typeof content === 'string') return this.#refuse(content);
    const own = this.#seals.of(subject, content.id);
    const [moment = '', ...texts] = content.seals.split(SEPARATOR);
    const runs = texts.map((text): SealedRun => {
      return { seed: text.slice(0, SEED_CHARS), count: Number.parseInt(text.slice(SEED_CHARS), 36) };
    });
    const count = runs.reduce((sum, run) => sum + run.count, 0);
    if (count !== versions.length || keys.length !== count * WIRE_KEY_CHARS) return this.#refuse('form');
    const { text, offsets } = own.open(keys, runs);
    return {
      ...{ epoch, seq: readMoment(own, moment), keys: splitKeys(text), sealed: keys, offsets },
      versions: versions.map((version, at) => version - (offsets[at] ?? 0)),
    };
  }

  /** A client whose grants are not accepted fetches everything again and again, so this must be reported. */
  #refuse(reason: GrantRefusal): null {
    const count = ++this.refused[reason];
    const advice = ADVICE[reason];
    if (count === 1 && advice !== undefined) emitWarning(new PlanqlError('REACTIVE_EXPIRED', advice));
    return null;
  }

  /** The sealed names of some keys at positions, one behind the other. With too many of them it is the text for all keys. */
  everywhere(subject: string, names: Int32Array, seeds: readonly Seed[]): string {
    const count = names.length / NAME_WORDS;
    if (count * seeds.length > MAX_EVERYWHERE) return ALL_KEYS;
    const words = new Int32Array(names.length * seeds.length);
    for (let n = 0; n < seeds.length; n++) words.set(names, n * names.length);
    const runs = seeds.map((seed): SealedRun => ({ seed, count }));
    return this.of(subject).seal(words, runs).text;
  }
}

/** A name at a position that belongs to no key. It stands among the others so that these cannot be counted. */
export function fillerName(seed: Seed, number: number): Int32Array {
  const words = new Int32Array(NAME_WORDS);
  words[0] = number;
  Buffer.from(words.buffer).write(seed, 4, 'base64url');
  return words;
}

/** The number of a batch counts the writes of everybody. Equal ones look different at different times. */
function writeMoment(own: SubjectSeal, { seq, at }: Begun): string {
  const high = Math.floor(seq / WORD) & 0xffff;
  const words = [seq % WORD, high | ((at % 2 ** 16) << 16), Math.floor(at / 2 ** 16) % WORD];
  return own.seal(
    Int32Array.from(words, (word) => word | 0),
    MOMENT,
  ).text;
}

function readMoment(own: SubjectSeal, text: string): number {
  const words = wordsIn(own.open(text, MOMENT).text);
  return ((words[1] ?? 0) & 0xffff) * WORD + ((words[0] ?? 0) >>> 0);
}

/** New versions of true keys, for the client of a set. */
export function tellSealed(
  { keys, sealed, offsets }: OpenSet,
  news: ReadonlyMap<string, number>,
  tell: (sealed: string, version: number) => void,
): void {
  for (const [at, key] of keys.entries()) {
    const version = news.get(key);
    if (version === undefined) continue;
    const from = at * WIRE_KEY_CHARS;
    tell(sealed.slice(from, from + WIRE_KEY_CHARS), version + (offsets[at] ?? 0));
  }
}
