import type { GraphQLError } from 'graphql';

/** A key of an object or an index of a list for each level of the response, from the root. */
export type ResponsePath = readonly (string | number)[];

/** Completes the position of a hole. */
export type Fill = (state: never, value: unknown, row: number) => unknown;

/** A part of a response that has holes in it. */
abstract class Part {
  /** The innermost part around it. Null for the root, and while the surroundings are being written. */
  parent: Hole | NullableGroup | null = null;
  /** Its direct children, in the order of the response. */
  spots: readonly Spot[] = NONE;
  /** The number of open holes in it. */
  open = 0;
  /** A null has replaced this part. Its open holes are never filled. */
  isOver = false;

  protected takeIn(spots: readonly Spot[]): void {
    this.spots = spots;
    for (const spot of spots) spot.parent = this as unknown as Hole | NullableGroup;
  }
}

/** A position that is completed alone, when its value has arrived. The root of a response is a hole, too. */
export class Hole extends Part {
  readonly path: ResponsePath;
  readonly complete: Fill;
  /** For a hole that waits for the run: the value that `complete` gets when the run has continued. */
  readonly value: unknown;
  readonly row: number;
  /** The output that writes the value. -1: the value has no parts that could be promises. */
  readonly output: number;
  /** The number of errors of the surrounding part that precede it. */
  readonly errorsBefore: number;
  /** Its position in the bytes of the surrounding part. */
  readonly at: number;
  /** The deferred fragments around it. */
  readonly context: unknown;
  isFilled = false;
  /** Its null or error bubbles up to the part around it. */
  isLost = false;
  result: unknown = undefined;
  errors: readonly GraphQLError[] = NONE;
  /** The start and end of its own bytes. */
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

  /** Records the outcome of its position, with the holes inside. Returns the number of open ones. */
  fill(result: unknown, errors: readonly GraphQLError[], spots: readonly Spot[]): number {
    this.isFilled = true;
    this.result = result;
    this.errors = errors;
    this.takeIn(spots);
    return openIn(spots);
  }
}

/** The place of a hole in the part that surrounds it. */
export type HolePlace = Pick<Hole, 'path' | 'errorsBefore' | 'at' | 'context'>;

/** A position that may be null, with the holes below it. */
export class NullableGroup extends Part {
  readonly path: ResponsePath;
  /** The number of errors of the surrounding part that precede its end. */
  readonly errorsBefore: number;
  /** Its start and end in the bytes of the surrounding part. */
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
