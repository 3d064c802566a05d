import { PlanqlError } from '../../errors/PlanqlError.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { DependencyKey } from './dependencyKeys.ts';

/** Changes that are told at most once in `everyMs` milliseconds, however frequent. The last change is always told. */
export type ThrottleRule = {
  /** From 1 to 86,400,000: a day. */
  readonly everyMs: number;
} & (
  | {
      /** How the keys begin: `manualKey('views:')`, say, or `edgeKey(10, '')` for all lists of edge type 10. */
      readonly keys: DependencyKey;
    }
  | {
      /** A field, as `Post.likes`: its data, and the data below it, and none above it. */
      readonly field: string;
    }
);

const DAY_MS = 86_400_000;

/** Keys with one throttle. */
export interface KeyBatch {
  readonly keys: readonly DependencyKey[];
  /** 0: at once. */
  readonly everyMs: number;
}

/** The key for reads of a throttled field under another key. */
export function throttledPrefix(everyMs: number): string {
  return `w:${everyMs}:`;
}

/** How often changes are told. */
export class ThrottleRules {
  /** By field. */
  readonly fields: ReadonlyMap<string, number>;
  readonly #byStart: readonly (readonly [start: string, everyMs: number])[];
  /** The throttles of fields: each key is told under a name of its own for each of these. */
  readonly #fieldWindows: readonly number[];

  constructor(rules: readonly ThrottleRule[] = []) {
    for (const rule of rules) assertRule(rule);
    this.fields = new Map(rules.flatMap((rule) => ('field' in rule ? [[rule.field, rule.everyMs] as const] : [])));
    this.#byStart = rules.flatMap((rule) => ('keys' in rule ? [[rule.keys, rule.everyMs] as const] : []));
    this.#fieldWindows = [...new Set(this.fields.values())];
  }

  /** The keys that changes of some keys concern, by how often they are told. */
  batches(keys: readonly DependencyKey[]): readonly KeyBatch[] {
    if (this.#byStart.length === 0 && this.#fieldWindows.length === 0) return [{ keys, everyMs: 0 }];
    const byWindow = new Map<number, DependencyKey[]>();
    for (const key of keys) {
      const own = this.#everyMs(key);
      getOrCreate(byWindow, own, () => []).push(key);
      for (const everyMs of this.#fieldWindows) {
        getOrCreate(byWindow, Math.max(own, everyMs), () => []).push(throttledPrefix(everyMs) + key);
      }
    }
    return [...byWindow].map(([everyMs, all]) => ({ keys: all, everyMs }));
  }

  #everyMs(key: DependencyKey): number {
    let longest = 0;
    for (const [start, everyMs] of this.#byStart) if (key.startsWith(start)) longest = Math.max(longest, everyMs);
    return longest;
  }
}

function assertRule({ everyMs, ...rule }: ThrottleRule): void {
  const place = 'field' in rule ? rule.field : rule.keys;
  if (!Number.isSafeInteger(everyMs) || everyMs < 1 || everyMs > DAY_MS) {
    throw new PlanqlError(
      'THROTTLE',
      `"everyMs" of the throttle of "${place}" is a whole number from 1 to ${DAY_MS}, not ${everyMs}.`,
    );
  }
  if ('keys' in rule && !/^[oeitm]:/.test(rule.keys)) {
    throw new PlanqlError(
      'THROTTLE',
      `"${rule.keys}" is no beginning of dependency keys: make one with manualKey, edgeKey, indexKey, typeKey or objectKey.`,
    );
  }
}
