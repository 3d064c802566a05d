import { errorOf } from '../../errors/errorOf.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { isPromise } from '../shards/chain.ts';
import type { Batch, Entry, ReadOptions } from '../shards/ShardStore.ts';

/** How the reads of one kind are identified, and how their answers are used. */
export interface FlightTraits<TRequest, TOut> {
  /** The object, the source of a list or the index value that is read. */
  subjectOf(request: TRequest): string;
  /** Whether two requests with one subject read the same. */
  isSame(one: TRequest, other: TRequest): boolean;
  /** The object, list or index value that a write to it names. */
  groupOf(request: TRequest): string;
  /** Whether the answer to an older question will do. */
  accepts(request: TRequest, answer: Entry<TOut>, fresh: ReadOptions['fresh']): boolean;
  /** So many entries of a batch joined others. */
  onJoin(count: number, trace: ReadOptions['trace']): void;
  /** Called with answers that no write has overtaken. */
  readonly onLand: ((request: TRequest, answer: TOut) => void) | null;
}

type Load<TRequest, TOut> = (requests: readonly TRequest[]) => Batch<TOut>;

/** No read joins a larger batch, whose answers come late and all at once, and a larger batch joins no read. */
const MAX_JOINED = 1000;
/** For so many milliseconds a read can be joined. The joining read misses later writes of other processes. */
const JOINABLE_MS = 100;

/** A batch that is under way, and its answers when it has landed. */
class Flight<TRequest, TOut> extends Eventual<ReadonlyArray<Entry<TOut>>> {
  readonly requests: readonly TRequest[];
  readonly begunAt: number;
  /** The groups that were written to since it began. */
  ended: Set<string> | null = null;

  constructor(requests: readonly TRequest[], begunAt: number) {
    super();
    this.requests = requests;
    this.begunAt = begunAt;
  }
}

/** Where something is being read. */
class Place<TRequest, TOut> {
  readonly flight: Flight<TRequest, TOut>;
  readonly at: number;
  /** Of another request with this subject, or the same one before. */
  readonly next: Place<TRequest, TOut> | null;

  constructor(flight: Flight<TRequest, TOut>, at: number, next: Place<TRequest, TOut> | null) {
    this.flight = flight;
    this.at = at;
    this.next = next;
  }
}

/**
 * The reads of one kind that are under way in this process. Equal reads join them meanwhile, entry by entry, whatever
 * batches they are in; but no read that begins after a write of this process has ended joins one from before, nor one
 * that began too long ago.
 *
 * Nothing is indexed until a read comes while others are under way, and nothing is deleted from the index: a `Map` that
 * is filled and emptied all the time leaves a chain of old tables, which keeps finished reads into the old generation.
 */
export class InFlightReads<TRequest, TOut> {
  readonly #underWay: Flight<TRequest, TOut>[] = [];
  /** By subject; among them flights that have landed since it was made. */
  #places: Map<string, Place<TRequest, TOut>> | null = null;
  #indexed = 0;
  #landed = 0;
  readonly #traits: FlightTraits<TRequest, TOut>;
  readonly #now: () => number;

  /** `now`: a clock in milliseconds that never goes back. */
  constructor(traits: FlightTraits<TRequest, TOut>, now: () => number = () => performance.now()) {
    this.#traits = traits;
    this.#now = now;
  }

  /** Synchronous as long as the store is: then nothing is ever under way. */
  read(
    requests: readonly TRequest[],
    { fresh, trace }: Pick<ReadOptions, 'fresh' | 'trace'>,
    load: Load<TRequest, TOut>,
  ): Batch<TOut> {
    if (this.#underWay.length === 0 || requests.length > MAX_JOINED) return this.#begin(requests, load);
    const joins: (Place<TRequest, TOut> | null)[] = new Array(requests.length);
    const others: number[] = [];
    const since = this.#now() - JOINABLE_MS;
    for (let at = 0; at < requests.length; at++) {
      const place = this.#find(itemAt(requests, at), since);
      joins[at] = place;
      if (place === null) others.push(at);
    }
    if (others.length === requests.length) return this.#begin(requests, load);
    this.#traits.onJoin(requests.length - others.length, trace);
    return this.#join(requests, joins, others, fresh, load);
  }

  /** A write in the group has ended, well or not: later reads read anew. */
  end(group: string): void {
    for (const flight of this.#underWay) {
      flight.ended ??= new Set();
      flight.ended.add(group);
    }
  }

  #begin(requests: readonly TRequest[], load: Load<TRequest, TOut>): Batch<TOut> {
    const begunAt = this.#now();
    const loading = load(requests);
    if (!isPromise(loading)) return loading;
    const flight = new Flight<TRequest, TOut>(requests, begunAt);
    this.#underWay.push(flight);
    if (this.#places !== null) this.#index(this.#places, flight);
    const land = (answers: ReadonlyArray<Entry<TOut>>): void => this.#land(flight, complete(requests, answers));
    if (loading instanceof Eventual) {
      loading.whenThere(land);
      return flight;
    }
    return loading.then(
      (answers) => {
        land(answers);
        return answers;
      },
      (cause: unknown) => {
        land(failed(requests, cause));
        throw cause;
      },
    );
  }

  /** Waits once for each flight that has answers. */
  #join(
    requests: readonly TRequest[],
    joins: ReadonlyArray<Place<TRequest, TOut> | null>,
    others: readonly number[],
    fresh: ReadOptions['fresh'],
    load: Load<TRequest, TOut>,
  ): Batch<TOut> {
    const all = new Eventual<ReadonlyArray<Entry<TOut>>>();
    const out: Entry<TOut>[] = new Array(requests.length);
    let open = others.length === 0 ? 0 : 1;
    const end = (): void => {
      if (--open > 0) return;
      const refused: number[] = [];
      for (let at = 0; at < joins.length; at++) {
        const place = joins[at] ?? null;
        if (place === null) continue;
        const answer = place.flight.value?.[place.at] as Entry<TOut>; // all have landed
        out[at] = answer;
        if (!this.#traits.accepts(itemAt(requests, at), answer, fresh)) refused.push(at);
      }
      if (refused.length === 0) all.come(out);
      else loadInto(out, requests, refused, load, () => all.come(out));
    };
    const flights: Flight<TRequest, TOut>[] = [];
    for (const place of joins) if (place !== null && !flights.includes(place.flight)) flights.push(place.flight);
    open += flights.length;
    for (const flight of flights) flight.whenThere(end);
    if (others.length > 0) loadInto(out, requests, others, (batch) => this.#begin(batch, load), end);
    return all;
  }

  #find(request: TRequest, since: number): Place<TRequest, TOut> | null {
    if (this.#places === null) {
      this.#places = new Map();
      this.#landed = this.#indexed = 0;
      for (const flight of this.#underWay) this.#index(this.#places, flight);
    }
    let place = this.#places.get(this.#traits.subjectOf(request)) ?? null;
    for (; place !== null; place = place.next) {
      const { flight, at } = place;
      if (!this.#traits.isSame(itemAt(flight.requests, at), request)) continue;
      const isOld = flight.begunAt < since || this.#isOvertaken(flight, request);
      return flight.value !== undefined || isOld ? null : place;
    }
    return null;
  }

  #index(places: Map<string, Place<TRequest, TOut>>, flight: Flight<TRequest, TOut>): void {
    const { requests } = flight;
    if (requests.length > MAX_JOINED) return;
    this.#indexed += requests.length;
    for (let at = 0; at < requests.length; at++) {
      const subject = this.#traits.subjectOf(itemAt(requests, at));
      places.set(subject, new Place(flight, at, underWay(places.get(subject) ?? null)));
    }
  }

  #isOvertaken({ ended }: Flight<TRequest, TOut>, request: TRequest): boolean {
    return ended?.has(this.#traits.groupOf(request)) ?? false;
  }

  #land(flight: Flight<TRequest, TOut>, answers: ReadonlyArray<Entry<TOut>>): void {
    const { requests } = flight;
    // In their order: of two that read the same, the later one is joined.
    this.#underWay.splice(this.#underWay.indexOf(flight), 1);
    if (this.#places !== null && requests.length <= MAX_JOINED) {
      this.#landed += requests.length;
      if (this.#underWay.length === 0 || 2 * this.#landed > this.#indexed) this.#places = null;
    }
    const { onLand } = this.#traits;
    if (onLand !== null) {
      for (let at = 0; at < requests.length; at++) {
        const request = itemAt(requests, at);
        const answer = answers[at];
        if (answer !== undefined && !(answer instanceof Error) && !this.#isOvertaken(flight, request))
          onLand(request, answer);
      }
    }
    flight.come(answers);
  }
}

/** The first of some places whose flight has not landed. */
function underWay<TRequest, TOut>(place: Place<TRequest, TOut> | null): Place<TRequest, TOut> | null {
  let first = place;
  while (first !== null && first.flight.value !== undefined) first = first.next;
  return first;
}

/** Puts the answers to the requests at some places there. A failure of the whole is the failure of each. */
function loadInto<TRequest, TOut>(
  out: Entry<TOut>[],
  requests: readonly TRequest[],
  places: readonly number[],
  load: Load<TRequest, TOut>,
  onEnd: () => void,
): void {
  const batch = places.map((at) => itemAt(requests, at));
  const put = (answers: ReadonlyArray<Entry<TOut>>): void => {
    const entries = complete(batch, answers);
    for (let i = 0; i < places.length; i++) out[itemAt(places, i)] = itemAt(entries, i);
    onEnd();
  };
  let loading: Batch<TOut>;
  try {
    loading = load(batch);
  } catch (cause) {
    return put(failed(batch, cause));
  }
  if (loading instanceof Eventual) loading.whenThere(put);
  else if (isPromise(loading)) void loading.then(put, (cause: unknown) => put(failed(batch, cause)));
  else put(loading);
}

/** The answers, where there is one for each request. */
function complete<TOut>(requests: readonly unknown[], answers: ReadonlyArray<Entry<TOut>>): ReadonlyArray<Entry<TOut>> {
  const isComplete = Array.isArray(answers) && answers.length === requests.length;
  return isComplete ? answers : failed(requests, new TypeError('wrong number of answers'));
}

function failed(requests: readonly unknown[], cause: unknown): readonly Error[] {
  return new Array<Error>(requests.length).fill(errorOf(cause));
}
