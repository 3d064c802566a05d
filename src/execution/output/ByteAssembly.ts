import type { Assembly } from './Assembly.ts';
import type { ByteSink } from './ByteSink.ts';
import { Hole, type NullableGroup } from './Hole.ts';

/** The value of a leaf that JSON has no form for: `JSON.stringify` leaves its key out. */
export const OMIT: unique symbol = Symbol('omit');

const COMMA = 0x2c;
const OPEN = 0x7b;
/** Begins a piece that is the text `null`. */
const NULL = -1;

interface Mark {
  readonly pieces: number;
  readonly outer: number;
  readonly from: number;
}

/** Joins the bytes of holes with those around them. All of them are in one sink, in the order in which they were written. */
export class ByteAssembly implements Assembly {
  readonly #sink: ByteSink;
  readonly #root: Hole;
  /** Where the pieces begin and end in the sink, by turns. */
  readonly #pieces: number[] = [];
  /** Of each hole around the current one, where its next piece begins. */
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

  /** The whole stands in the sink where the root began. */
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

  /** Leaves out a key that stands right before a hole, with the comma before it; of the first key, that behind it. */
  #omit(at: number, { length }: string): void {
    const { bytes } = this.#sink;
    const start = at - length - 4;
    const isFirst = bytes[start] === OPEN;
    // The comma behind an omitted first key was that before this one.
    const isFirstLeft = isFirst || this.#from > start;
    this.#piece(this.#from, isFirst ? start + 1 : start);
    this.#from = isFirstLeft && bytes[at] === COMMA ? at + 1 : at;
  }
}

/** Whether a hole was left where another was filled: a promise that a scalar serialised the value of a promise to. */
function isInner({ parent, path }: Hole): boolean {
  return parent instanceof Hole && parent.path.length === path.length;
}

/** The last of the holes that were left one after another at the position of a hole. */
function innermost(hole: Hole): Hole {
  let last = hole;
  for (;;) {
    const [spot] = last.spots;
    if (!(spot instanceof Hole) || !isInner(spot)) return last;
    last = spot;
  }
}
