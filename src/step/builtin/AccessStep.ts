import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { StepOrigin } from '../ahead/StepOrigin.ts';
import type { ParamShapes } from '../paramShapes.ts';
import { FORWARDED, ITEM, type ReadPath } from '../reads.ts';
import { type Entry, type MaxRows, Step } from '../Step.ts';
import { fail, isSignal } from '../signals.ts';

export type PathKey = string | number;

/** Represents the value found at `path` inside another step's value. Yields undefined where the path ends early. */
export class AccessStep<TData = unknown> extends Step<TData> {
  static override readonly op = 'access';
  static override readonly paramShapes: ParamShapes = {
    path: { type: 'array', items: { type: ['string', 'integer'] } },
  };
  override readonly isSync = true;
  declare params: { readonly path: readonly PathKey[] };

  constructor($source: Step, path: readonly PathKey[]) {
    super();
    this.addDependency($source, FORWARDED);
    this.params = { path };
  }

  get path(): readonly PathKey[] {
    return this.params.path;
  }

  override get origin(): StepOrigin {
    return { kind: 'part', of: 0, path: this.path };
  }

  override get isPure(): boolean {
    return true;
  }

  /** One key, the most frequent path by far, needs no quoting: nothing else begins with a dot. */
  override peerKey(): string | null {
    const { path } = this;
    const key = path[0];
    return typeof key === 'string' && path.length === 1 ? `.${key}` : super.peerKey();
  }

  override optimize(): Step {
    const $source = this.dependency(0);
    if (!($source instanceof AccessStep)) return this;
    // A chain becomes one step: a link that nobody else needs is never a column.
    return new AccessStep($source.dependency(0), [...$source.path, ...this.path]);
  }

  override noteRead(path: ReadPath): void {
    this.dependency(0).noteRead([...this.#readPath, ...path]);
  }

  override authorizedAs(path: ReadPath): ReadonlySet<string> | null {
    return this.dependency(0).authorizedAs([...this.#readPath, ...path]);
  }

  override maxRows(path: ReadPath): MaxRows {
    return this.dependency(0).maxRows([...this.path, ...path]);
  }

  get #readPath(): ReadPath {
    return this.path.map((key) => (typeof key === 'number' ? ITEM : key));
  }

  override execute(count: number, [sources]: readonly [readonly unknown[]]): ReadonlyArray<Entry<TData>> {
    const { path } = this;
    const values = new Array<Entry<TData>>(count);
    let row = 0;
    // Ends after `count` failures at the latest, wherever they come from.
    while (row < count) {
      try {
        const [key] = path;
        if (path.length === 1 && key !== undefined) {
          for (; row < count; row++) values[row] = readKey(sources[row], key) as TData;
        } else {
          for (; row < count; row++) values[row] = readPath(sources[row], path) as TData;
        }
      } catch (error) {
        // A getter threw: that is the failure of its row alone.
        values[row++] = fail(error);
      }
    }
    return values;
  }
}

/** `value[key]`, undefined for null and undefined. */
export function readKey(value: unknown, key: PathKey): unknown {
  return value === null || value === undefined ? undefined : (value as Record<PathKey, unknown>)[key];
}

/** `value.a.b`. Awaits a promise on the way; an error on the way is the result, as in a read key by key. */
export function readPath(value: unknown, path: readonly PathKey[]): unknown {
  let current = value;
  for (let index = 0; index < path.length; index++) {
    if (index > 0 && typeof current === 'object' && current !== null) {
      if (current instanceof Error || isSignal(current)) return current;
      if (isPromiseLike(current)) {
        const rest = path.slice(index);
        return Promise.resolve(current).then((found) => (found instanceof Error ? found : readPath(found, rest)));
      }
    }
    current = readKey(current, path[index] as PathKey);
  }
  return current;
}

/** Represents `$source.a.b` for `access($source, 'a', 'b')`. */
export function access<TData = unknown>($source: Step, ...path: readonly PathKey[]): AccessStep<TData> {
  return new AccessStep<TData>($source, path);
}
