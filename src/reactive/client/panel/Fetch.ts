import type { Cause } from '../FetchPlug.ts';

/** A key whose version is newer than that of the data which depends on it. */
export interface ChangedKey {
  /** That data: `List:5` is an object, `User:1.lists` a field of one, `user.lists` all that is at a position. */
  readonly what: string;
  readonly key: string;
  /** The version of the data, and the newest one. After a mutation of this page, the newest one is a guess. */
  readonly from: number;
  readonly to: number;
}

/** A fetch of a query, as plain data. */
export interface Fetch {
  /** Numbers the queries of the page, from 1. */
  readonly query: number;
  /** The name of the operation, or the beginning of its text. */
  readonly name: string;
  /** As JSON, its first 500 characters. */
  readonly variables: string;
  /** Which fetch of the query it is, from 1. */
  readonly nth: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly causes: readonly Cause[];
  /** The keys that had changed: the first 20, and how many there are. */
  readonly changes: readonly ChangedKey[];
  readonly changed: number;
  /** The causes and changes as sentences. */
  readonly why: readonly string[];
  /** The parts that were asked for: `user.lists`, or `user.lists.* (1, 2)`. Null: the whole operation. */
  readonly parts: readonly string[] | null;
  /** Until the answer has come: null. */
  readonly ms: number | null;
  /** Of the answer as JSON, before it is compressed. Null: none has come. */
  readonly bytes: number | null;
  /** Why there is no answer; null otherwise. */
  readonly error: string | null;
}
