import type { Hole, NullableGroup, ResponsePath } from './Hole.ts';

/** Puts the parts of a response into their places, in order. Each form of response has its own. */
export interface Assembly {
  /** The current point of the assembly, to which `null` can return. */
  mark(): unknown;
  /** Begins a hole. Holes up to its `leave` are inside it. */
  enter(hole: Hole): void;
  leave(hole: Hole): void;
  /** Null takes the place of a group, whose assembly began at `mark`. */
  null(group: NullableGroup, mark: unknown): void;
  /** Returns the assembled data. */
  end(): unknown;
}

/** Assigns values to slots that were reserved for them, so that keys keep the order of the response. */
export class ObjectAssembly implements Assembly {
  readonly #depth: number;
  #data: unknown;

  constructor({ path, result }: Hole) {
    this.#depth = path.length;
    this.#data = result;
  }

  mark(): null {
    return null;
  }

  enter({ path, result }: Hole): void {
    this.#assign(path, result);
  }

  leave(): void {}

  null({ path }: NullableGroup): void {
    this.#assign(path, null);
  }

  end(): unknown {
    return this.#data;
  }

  #assign(path: ResponsePath, value: unknown): void {
    const last = path.length - 1;
    if (last < this.#depth) {
      this.#data = value;
      return;
    }
    let container = this.#data as Record<string | number, unknown>;
    for (let depth = this.#depth; depth < last; depth++) {
      container = container[path[depth] as string] as Record<string | number, unknown>;
    }
    container[path[last] as string] = value;
  }
}
