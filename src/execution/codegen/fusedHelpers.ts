import { Failure } from '../../step/signals.ts';
import { OMIT } from '../output/ByteAssembly.ts';
import type { ByteSink } from '../output/ByteSink.ts';
import type { ByteState } from '../output/ByteState.ts';
import { BUBBLE, type OutputState, PENDING } from '../output/OutputState.ts';
import type { RunState } from '../state/RunState.ts';
import { inverseRows } from '../state/rows.ts';
import type { FusedSite } from './FusedSites.ts';

/** Functions that fused writers of any form call. */
export const fusedHelpers = {
  /** Rows of a selection by rows of its parent; null: they are the same; undefined: there are none. */
  selected(run: RunState, layer: number): Int32Array | null | undefined {
    return run.sizes[layer] === 0 ? undefined : inverseRows(run, layer);
  },

  getPrototypeOf(value: object): object | null {
    return Object.getPrototypeOf(value);
  },

  isFailure: (value: unknown): boolean => value instanceof Failure,

  /** Whether a value of a register that holds failures or exits is one. */
  isOdd(state: OutputState, value: unknown): boolean {
    return state.look(value) !== value;
  },

  isArray(value: unknown): boolean {
    try {
      return Array.isArray(value);
    } catch {
      return false; // A proxy that was revoked.
    }
  },

  /** The value of a property that is a function, called as graphql-js' default resolver calls it. */
  called(state: OutputState, { place, depth }: FusedSite<OutputState>, owner: unknown, method: () => unknown): unknown {
    state.depth = depth;
    return state.callField(place, owner, method);
  },

  /** Reading an item of a list threw. */
  thrown(state: OutputState, { place, depth }: FusedSite<OutputState>, error: unknown): void {
    state.depth = depth;
    state.fail(place, error, true);
  },
};

/**
 * Functions that fused writers of bytes call. They get the position `p` of the next byte and return the one after
 * their text, with `room` bytes left there; -1 for a null or error that goes up.
 */
export const byteHelpers = {
  /** Makes room. */
  grown(sink: ByteSink, p: number, room: number): void {
    sink.position = p;
    sink.reserve(room);
  },

  /** Completes a value that is unusual for its position. */
  elsewhere(
    state: ByteState,
    site: FusedSite<ByteState>,
    value: unknown,
    row: number,
    p: number,
    room: number,
  ): number {
    state.sink.position = p;
    state.depth = site.depth;
    return after(state, site.complete(state, value, row), room);
  },

  /** The same for a value that was looked at: `outcome` is the result of the look. */
  looked(
    state: ByteState,
    site: FusedSite<ByteState>,
    value: unknown,
    outcome: unknown,
    row: number,
    p: number,
    room: number,
  ): number {
    const { place, nonNull, output } = site;
    if (outcome !== PENDING && !(outcome instanceof Failure)) {
      return byteHelpers.elsewhere(state, site, value, row, p, room);
    }
    state.sink.position = p;
    state.depth = site.depth;
    if (outcome === PENDING) return after(state, state.leave(site.complete, row, output), room);
    return finished(state, state.fail(place, outcome.error, nonNull), room);
  },

  /** A null or error from below went up to a position: the text since `start` is taken back. */
  absorbed(
    state: ByteState,
    site: FusedSite<ByteState>,
    value: unknown,
    spots: number,
    start: number,
    room: number,
  ): number {
    state.sink.position = start;
    state.depth = site.depth;
    return finished(state, state.absorb(site.nonNull, spots, site.output, value), room);
  },

  /** Groups the holes below a position that may be null. */
  grouped(state: ByteState, site: FusedSite<ByteState>, spots: number, start: number, p: number): void {
    state.sink.position = p;
    state.depth = site.depth;
    state.group(spots, start);
  },
};

/** Functions that fused writers of objects call. They return a value, or `BUBBLE`. */
export const objectHelpers = {
  /** Completes a value that is unusual for its position. */
  objectElsewhere(state: OutputState, site: FusedSite<OutputState>, value: unknown, row: number): unknown {
    state.depth = site.depth;
    return site.complete(state, value, row);
  },

  /** The same for a value that was looked at: `outcome` is the result of the look. */
  objectLooked(
    state: OutputState,
    site: FusedSite<OutputState>,
    value: unknown,
    outcome: unknown,
    row: number,
  ): unknown {
    state.depth = site.depth;
    if (outcome === PENDING) return state.leave(site.complete, row, site.output);
    if (outcome instanceof Failure) return state.fail(site.place, outcome.error, site.nonNull);
    return site.complete(state, value, row);
  },

  /** A null or error from below went up to a position. */
  objectAbsorbed(state: OutputState, site: FusedSite<OutputState>, value: unknown, spots: number): unknown {
    state.depth = site.depth;
    return state.absorb(site.nonNull, spots, site.output, value);
  },

  /** Groups the holes below a position that may be null. */
  objectGrouped(state: OutputState, { depth }: FusedSite<OutputState>, spots: number): void {
    state.depth = depth;
    state.group(spots, 0);
  },
};

function finished(state: ByteState, outcome: unknown, room: number): number {
  if (outcome === BUBBLE) return -1;
  state.sink.null();
  return after(state, undefined, room);
}

/** Only items of lists are omitted here: they are null then. */
function after(state: ByteState, completed: unknown, room: number): number {
  const { sink } = state;
  if (completed === BUBBLE) return -1;
  if (completed === OMIT) sink.null();
  sink.reserve(room);
  return sink.position;
}
