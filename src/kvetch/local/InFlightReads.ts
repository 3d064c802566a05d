import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { isPromise } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Says what requests are about. */
export interface FlightNames<TRequest> {
  /** What a write to it names: an object, a list, an index value. */
  groupOf(request: TRequest): string;
  /** Also says which part of it is read. */
  nameOf(request: TRequest): string;
}

/** What a reader does with the entries that others are reading already. */
interface Reader<TRequest, TOut> {
  readonly load: (requests: readonly TRequest[]) => Batch<TOut>;
  /** Whether the answer to an older question will do. */
  readonly accepts: (request: TRequest, answer: Entry<TOut>) => boolean;
  readonly onJoin: (count: number) => void;
}

/** A batch of more is joined by nobody, as its answers come all at once and late, and joins none. */
const MAX_JOINED = 1000;

/** A batch that is under way. */
class Flight<TRequest, TOut> {
  readonly requests: readonly TRequest[];
  /** `null` when it has landed. */
  answers: PromiseLike<ReadonlyArray<Entry<TOut>>> | null;
  /** The groups that were written to since it began. */
  ended: Set<string> | null = null;

  constructor(requests: readonly TRequest[], answers: PromiseLike<ReadonlyArray<Entry<TOut>>>) {
    this.requests = requests;
    this.answers = answers;
  }
}

/** An entry of a batch, and its place in the flight that it joins. */
interface Joined {
  readonly at: number;
  readonly place: number;
}

/** Where something is being read. */
interface FlightEntry<TRequest, TOut> {
  readonly flight: Flight<TRequest, TOut>;
  readonly at: number;
}

/**
 * The reads of one kind that are under way in this process. Who asks for the same while they are joins them, entry by
 * entry, whatever batches they are in; but no read that begins after a write has ended joins one from before.
 *
 * Nothing is indexed until somebody asks while others are under way, and nothing is deleted from the index: a `Map` that
 * is filled and emptied all the time leaves a chain of old tables, through which what has landed grows old.
 */
export class InFlightReads<TRequest, TOut> {
  readonly #underWay: Flight<TRequest, TOut>[] = [];
  /** By name; among them flights that have landed since it was made. */
  #places: Map<string, FlightEntry<TRequest, TOut>> | null = null;
  #landed = 0;
  readonly #names: FlightNames<TRequest>;
  readonly #onLand: ((request: TRequest, answer: TOut) => void) | null;

  /** `onLand` is told of answers that no write has overtaken. */
  constructor(names: FlightNames<TRequest>, onLand: ((request: TRequest, answer: TOut) => void) | null) {
    this.#names = names;
    this.#onLand = onLand;
  }

  /** Synchronous as long as the store is: then nothing is ever under way. */
  read(requests: readonly TRequest[], reader: Reader<TRequest, TOut>): Batch<TOut> {
    if (this.#underWay.length === 0 || requests.length > MAX_JOINED) return this.#begin(requests, reader);
    const joins = requests.map((request) => this.#find(request));
    if (joins.every((place) => place === null)) return this.#begin(requests, reader);
    return this.#join(requests, joins, reader);
  }

  /** A write to what the group names has ended, well or not: what is read from now on is read anew. */
  end(group: string): void {
    for (const flight of this.#underWay) {
      flight.ended ??= new Set();
      flight.ended.add(group);
    }
  }

  #begin(requests: readonly TRequest[], { load }: Reader<TRequest, TOut>): Batch<TOut> {
    const loading = load(requests);
    if (!isPromise(loading)) return loading;
    const answers = loading.then(
      (landed) => {
        this.#land(flight, landed);
        return landed;
      },
      (cause: unknown) => {
        this.#land(flight, []);
        throw cause;
      },
    );
    const flight = new Flight(requests, answers);
    this.#underWay.push(flight);
    if (this.#places !== null) this.#index(this.#places, flight);
    return answers;
  }

  /** Waits once for each flight that has answers. */
  async #join(
    requests: readonly TRequest[],
    joins: ReadonlyArray<FlightEntry<TRequest, TOut> | null>,
    reader: Reader<TRequest, TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const out: Entry<TOut>[] = new Array(requests.length);
    const others: number[] = [];
    const joined = new Map<Flight<TRequest, TOut>, Joined[]>();
    for (const [at, join] of joins.entries()) {
      if (join === null) others.push(at);
      else getOrCreate(joined, join.flight, (): Joined[] => []).push({ at, place: join.at });
    }
    reader.onJoin(requests.length - others.length);
    const refused: number[] = [];
    const waits: PromiseLike<void>[] = [];
    if (others.length > 0) waits.push(loadInto(out, requests, others, (batch) => this.#begin(batch, reader)));
    for (const [{ answers }, places] of joined) {
      const land = (landed: ReadonlyArray<Entry<TOut>>): void => {
        for (const { at, place } of places) {
          const answer = itemAt(landed, place);
          out[at] = answer;
          if (!reader.accepts(itemAt(requests, at), answer)) refused.push(at);
        }
      };
      if (answers !== null) waits.push(answers.then(land)); // found under way, so there are answers
    }
    await Promise.all(waits);
    if (refused.length > 0) await loadInto(out, requests, refused, reader.load);
    return out;
  }

  #find(request: TRequest): FlightEntry<TRequest, TOut> | null {
    if (this.#places === null) {
      this.#places = new Map();
      this.#landed = 0;
      for (const flight of this.#underWay) this.#index(this.#places, flight);
    }
    const place = this.#places.get(this.#names.nameOf(request)) ?? null;
    return place === null || place.flight.answers === null || this.#isOvertaken(place.flight, request) ? null : place;
  }

  #index(places: Map<string, FlightEntry<TRequest, TOut>>, flight: Flight<TRequest, TOut>): void {
    if (flight.requests.length > MAX_JOINED) return;
    for (const [at, request] of flight.requests.entries()) places.set(this.#names.nameOf(request), { flight, at });
  }

  #isOvertaken({ ended }: Flight<TRequest, TOut>, request: TRequest): boolean {
    return ended?.has(this.#names.groupOf(request)) ?? false;
  }

  #land(flight: Flight<TRequest, TOut>, answers: ReadonlyArray<Entry<TOut>>): void {
    flight.answers = null;
    // In their order: of two that read the same, the later one is joined.
    this.#underWay.splice(this.#underWay.indexOf(flight), 1);
    if (this.#places !== null) {
      this.#landed += flight.requests.length;
      if (this.#underWay.length === 0 || 2 * this.#landed > this.#places.size) this.#places = null;
    }
    if (this.#onLand === null) return;
    for (const [at, request] of flight.requests.entries()) {
      const answer = answers[at];
      if (answer !== undefined && !(answer instanceof Error) && !this.#isOvertaken(flight, request))
        this.#onLand(request, answer);
    }
  }
}

/** The answers to the requests at some places, put there. */
async function loadInto<TRequest, TOut>(
  out: Entry<TOut>[],
  requests: readonly TRequest[],
  places: readonly number[],
  load: (batch: readonly TRequest[]) => Batch<TOut>,
): Promise<void> {
  const answers = await load(places.map((at) => itemAt(requests, at)));
  for (const [i, at] of places.entries()) out[at] = itemAt(answers, i);
}
