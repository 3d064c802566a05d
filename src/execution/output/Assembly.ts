import type { Hole, NullableGroup, ResponsePath } from './Hole.ts';

/** How the parts of a response come into their places, in order. What differs between the forms of responses. */
export interface Assembly {
  /** Where the assembly is, so that `null` can go back to it. */
  mark(): unknown;
  /** A hole begins. What comes up to `leave` lies in it. */
  enter(hole: Hole): void;
  leave(hole: Hole): void;
  /** Null takes the place of a group, whose assembly began at `mark`. */
  null(group: NullableGroup, mark: unknown): void;
  /** What the root became. */
  end(): unknown;
}

/** Assigns values to the places that were kept for them: the order of keys is that of the response. */
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
