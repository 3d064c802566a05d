/** A follower of the rows of `shop.orders`, and what it has told. */
import {
  createInvalidator,
  type followChanges,
  type Invalidator,
  memoryVersions,
  type RowChange,
} from '../../src/reactive.ts';
import { secrets } from './dyingWriter.ts';

export interface Followed {
  readonly invalidator: Invalidator;
  readonly told: RowChange[];
  readonly errors: Error[];
  readonly done: Promise<void>;
  end(): Promise<void>;
  epoch(): string;
  versionOf(key: string): Promise<number>;
}

type KeysOf = Parameters<typeof followChanges.mysql>[1]['keysOf'];

/** The options of all followers. */
export interface Common {
  readonly keysOf: KeysOf;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** The keys of the rows before and after a change. */
export const rowKeys = ({ before, after }: RowChange): readonly string[] =>
  [before, after].flatMap((row) => (row === null ? [] : [`order:${row.id}`, `buyer:${row.buyer}`]));

export const newInvalidator = (): Invalidator => createInvalidator({ versions: memoryVersions(), secrets });

/** Runs a follower. Its end is put into `ends`. */
export function followedBy(
  run: (common: Common) => Promise<void>,
  invalidator: Invalidator,
  keysOf: KeysOf,
  ends: (() => unknown)[],
): Followed {
  const [told, errors, controller]: [RowChange[], Error[], AbortController] = [[], [], new AbortController()];
  const done = run({
    onError: (error) => errors.push(error as Error),
    signal: controller.signal,
    keysOf: (change) => {
      told.push(change);
      return keysOf(change);
    },
  });
  const end = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  ends.push(() => end().catch(() => undefined));
  return {
    ...{ invalidator, told, errors, done, end },
    epoch: () => invalidator.versions.seen?.epoch ?? '',
    versionOf: async (key) =>
      (await invalidator.versions.read([invalidator.wireKeys.of(`m:${key}` as never)])).states[0]?.version ?? 0,
  };
}
