import type { GraphQLError } from 'graphql';

/** A key of an object or an index of a list for each level of the response, from the root. */
export type ResponsePath = readonly (string | number)[];

/** Completes the position of a hole. */
export type Fill = (state: never, value: unknown, row: number) => unknown;

/** A part of a response that has holes in it. */
abstract class Part {
  /** The smallest part around it. Null: the root, or a part whose surroundings are still being written. */
  parent: Hole | NullableGroup | null = null;
  /** The outermost parts in it that have holes, in the order of the response. */
  spots: readonly Spot[] = NONE;
  /** How many holes in it are open. */
  open = 0;
  /** A null has taken the place of this part. Its open holes are never filled. */
  isOver = false;

  protected takeIn(spots: readonly Spot[]): void {
    this.spots = spots;
    for (const spot of spots) spot.parent = this as unknown as Hole | NullableGroup;
  }
}

/** A position that is completed alone, when its value is there. The root of a response is one too. */
export class Hole extends Part {
  readonly path: ResponsePath;
  readonly complete: Fill;
  /** What `complete` is given when the run has gone on; without meaning for a hole that waits for a promise. */
  readonly value: unknown;
  readonly row: number;
  /** The output that writes the value. -1: it has no parts that could be promises. */
  readonly output: number;
  /** How many errors of the surrounding part stand before it. */
  readonly errorsBefore: number;
  /** Where it is among the bytes of the surrounding part. */
  readonly at: number;
  /** The deferred fragments around it. */
  readonly context: unknown;
  isFilled = false;
  /** Its null or error goes up to the part around it. */
  isLost = false;
  result: unknown = undefined;
  errors: readonly GraphQLError[] = NONE;
  /** Where its own bytes begin and end. */
  start = 0;
  end = 0;

  constructor(place: HolePlace, complete: Fill, value: unknown, row: number, output: number) {
    super();
    this.path = place.path;
    this.errorsBefore = place.errorsBefore;
    this.at = place.at;
    this.context = place.context;
    this.complete = complete;
    this.value = value;
    this.row = row;
    this.output = output;
    this.open = 1;
  }

  /** Notes what its position became, with the holes that were left in that. Returns how many of them there are. */
  fill(result: unknown, errors: readonly GraphQLError[], spots: readonly Spot[]): number {
    this.isFilled = true;
    this.result = result;
    this.errors = errors;
    this.takeIn(spots);
    return openIn(spots);
  }
}

/** Where a hole is in the part that surrounds it. */
export type HolePlace = Pick<Hole, 'path' | 'errorsBefore' | 'at' | 'context'>;

/** A position that may be null, with the holes below it. */
export class NullableGroup extends Part {
  readonly path: ResponsePath;
  /** How many errors of the surrounding part stand before its end. */
  readonly errorsBefore: number;
  /** Where it begins and ends among the bytes of the surrounding part. */
  readonly start: number;
  readonly end: number;

  constructor(path: ResponsePath, errorsBefore: number, start: number, end: number, spots: readonly Spot[]) {
    super();
    this.path = path;
    this.errorsBefore = errorsBefore;
    this.start = start;
    this.end = end;
    this.takeIn(spots);
    this.open = openIn(spots);
  }
}

export type Spot = Hole | NullableGroup;

function openIn(spots: readonly Spot[]): number {
  let open = 0;
  for (const spot of spots) open += spot.open;
  return open;
}

const NONE: readonly never[] = [];
