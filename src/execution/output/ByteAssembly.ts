import type { Assembly } from './Assembly.ts';
import type { ByteSink } from './ByteSink.ts';
import { Hole, type NullableGroup } from './Hole.ts';

/** The outcome of a leaf whose value JSON cannot express: `JSON.stringify` leaves its key out. */
export const OMIT: unique symbol = Symbol('omit');

const COMMA = 0x2c;
const OPEN = 0x7b;
/** Marks a piece that is the text `null`. */
const NULL = -1;

interface Mark {
  readonly pieces: number;
  readonly outer: number;
  readonly from: number;
}

/** Joins the bytes of holes with the bytes around them. One sink holds all of them, in the order of writing. */
export class ByteAssembly implements Assembly {
  readonly #sink: ByteSink;
  readonly #root: Hole;
  /** The start and end of each piece in the sink, alternating. */
  readonly #pieces: number[] = [];
  /** For each hole around the current one, the start of its next piece. */
  readonly #outer: number[] = [];
  #from: number;

  constructor(sink: ByteSink, root: Hole) {
    this.#sink = sink;
    this.#root = root;
    this.#from = root.start;
  }

  mark(): Mark {
    return { pieces: this.#pieces.length, outer: this.#outer.length, from: this.#from };
  }

  enter(hole: Hole): void {
    const key = hole.path[hole.path.length - 1];
    const isOmitted = !isInner(hole) && innermost(hole).result === OMIT;
    if (isOmitted && typeof key === 'string') this.#omit(hole.at, key);
    else {
      this.#piece(this.#from, hole.at);
      this.#from = hole.at;
      if (isOmitted) this.#pieces.push(NULL, NULL);
    }
    this.#outer.push(this.#from);
    this.#from = hole.start;
  }

  leave({ end }: Hole): void {
    this.#piece(this.#from, end);
    this.#from = this.#outer.pop() as number;
  }

  null({ start, end }: NullableGroup, given: unknown): void {
    const { pieces, outer, from } = given as Mark;
    this.#pieces.length = pieces;
    this.#outer.length = outer;
    this.#piece(from, start);
    this.#pieces.push(NULL, NULL);
    this.#from = end;
  }

  /** Afterwards the joined bytes are in the sink, starting where the root started. */
  end(): unknown {
    const sink = this.#sink;
    this.#piece(this.#from, this.#root.end);
    const begin = sink.position;
    for (let at = 0; at < this.#pieces.length; at += 2) {
      const from = this.#pieces[at] as number;
      if (from === NULL) {
        sink.null();
        continue;
      }
      const to = this.#pieces[at + 1] as number;
      sink.reserve(to - from);
      sink.bytes.copy(sink.bytes, sink.position, from, to);
      sink.position += to - from;
    }
    sink.bytes.copy(sink.bytes, this.#root.start, begin, sink.position);
    sink.position = this.#root.start + sink.position - begin;
    return innermost(this.#root).result === OMIT ? OMIT : undefined;
  }

  #piece(from: number, to: number): void {
    if (to > from) this.#pieces.push(from, to);
  }

  /** Removes the key right before a hole, with the comma before it. The first key goes with the comma after it. */
  #omit(at: number, { length }: string): void {
    const { bytes } = this.#sink;
    const start = at - length - 4;
    const isFirst = bytes[start] === OPEN;
    // After an omitted first key, the comma before this key is gone already.
    const isFirstLeft = isFirst || this.#from > start;
    this.#piece(this.#from, isFirst ? start + 1 : start);
    this.#from = isFirstLeft && bytes[at] === COMMA ? at + 1 : at;
  }
}

/** Whether a hole is at the same position as its parent: a scalar serialised the value of a promise to a promise. */
function isInner({ parent, path }: Hole): boolean {
  return parent instanceof Hole && parent.path.length === path.length;
}

/** The last of the nested holes at one position. */
function innermost(hole: Hole): Hole {
  let last = hole;
  for (;;) {
    const [spot] = last.spots;
    if (!(spot instanceof Hole) || !isInner(spot)) return last;
    last = spot;
  }
}
