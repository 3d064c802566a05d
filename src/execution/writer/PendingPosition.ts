import type { GraphQLError } from 'graphql';

/** A key of an object or an index of a list for each level of the response, from the root. */
export type ResponsePath = readonly (string | number)[];

/** Completes a pending position. */
export type Fill = (state: never, value: unknown, row: number) => unknown;

/** A part of a response that has pending positions in it. */
abstract class Part {
  /** The innermost part around it. Null for the root, and while the surroundings are being written. */
  parent: PendingPosition | NullableAncestor | null = null;
  /** Its direct children, in the order of the response. */
  pending: readonly PendingNode[] = NONE;
  /** The number of open pending positions in it. */
  open = 0;
  /** A null has replaced this part. Its open pending positions are never filled. */
  isOver = false;

  protected takeIn(pending: readonly PendingNode[]): void {
    this.pending = pending;
    for (const node of pending) node.parent = this as unknown as PendingPosition | NullableAncestor;
  }
}

/** A position that is completed alone, when its value has arrived. The root of a response is a pending position, too. */
export class PendingPosition extends Part {
  readonly path: ResponsePath;
  readonly complete: Fill;
  /** For a pending position that waits for the run: the value that `complete` gets when the run has continued. */
  readonly value: unknown;
  readonly row: number;
  /** The output that writes the value. -1: the value has no parts that could be promises. */
  readonly output: number;
  /** The number of errors of the surrounding part that precede it. */
  readonly errorsBefore: number;
  /** The deferred fragments around it. */
  readonly context: unknown;
  isFilled = false;
  /** Its null or error bubbles up to the part around it. */
  isLost = false;
  result: unknown = undefined;
  errors: readonly GraphQLError[] = NONE;

  constructor(place: PositionInPart, complete: Fill, value: unknown, row: number, output: number) {
    super();
    this.path = place.path;
    this.errorsBefore = place.errorsBefore;
    this.context = place.context;
    this.complete = complete;
    this.value = value;
    this.row = row;
    this.output = output;
    this.open = 1;
  }

  /** Records the outcome of its position, with the pending ones inside. Returns the number of open ones. */
  fill(result: unknown, errors: readonly GraphQLError[], pending: readonly PendingNode[]): number {
    this.isFilled = true;
    this.result = result;
    this.errors = errors;
    this.takeIn(pending);
    return openIn(pending);
  }
}

/** The place of a pending position in the part that surrounds it. */
export type PositionInPart = Pick<PendingPosition, 'path' | 'errorsBefore' | 'context'>;

/** A position that may be null, with the pending positions below it. */
export class NullableAncestor extends Part {
  readonly path: ResponsePath;
  /** The number of errors of the surrounding part that precede its end. */
  readonly errorsBefore: number;

  constructor(path: ResponsePath, errorsBefore: number, pending: readonly PendingNode[]) {
    super();
    this.path = path;
    this.errorsBefore = errorsBefore;
    this.takeIn(pending);
    this.open = openIn(pending);
  }
}

export type PendingNode = PendingPosition | NullableAncestor;

function openIn(pending: readonly PendingNode[]): number {
  let open = 0;
  for (const node of pending) open += node.open;
  return open;
}

const NONE: readonly never[] = [];
