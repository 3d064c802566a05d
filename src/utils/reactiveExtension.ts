/** A field of a response, that field below one object, or an object's own fields. */
export type DependencyScope = 'field' | 'under' | 'self';

/** The keys of one position of a response. */
export interface DependencyGroup {
  /** Response keys joined by dots, `*` for the items of a list; the root is empty. */
  readonly at: string;
  /**
   * `field`: a change concerns all data at the position and below it. `self`: each key concerns one object there, and its
   * own data: the keys stand in the order of these objects. Each object counts once, by its id. `under`: each key concerns
   * the data at the position of one object above it: `under` is the position of these objects.
   */
  readonly scope: DependencyScope;
  readonly under?: string;
  /** How many keys objects have that follow each other, and how many objects that are, again and again. */
  readonly each?: readonly number[];
  /** Places of keys: where some that follow each other begin, and how many they are, again and again. */
  readonly keys: readonly number[];
}

/** Objects at one position that were asked for by their ids. */
export interface DescribedObjects {
  readonly at: string;
  /** In the order of the ids: each object's own data. Null: there is none, or none for this viewer. */
  readonly objects: readonly ({ readonly [key: string]: unknown } | null)[];
  readonly groups?: readonly DependencyGroup[];
}

/** A group with its keys and their versions. */
export interface InlineGroup {
  readonly at: string;
  readonly scope: DependencyScope;
  readonly versions: Readonly<Record<string, number>>;
}

/** `extensions.reactive` of a response (spec 11.5). */
export interface ReactiveExtension {
  /** The version of the wire format. */
  readonly v: 1;
  /**
   * `full`: all that was read is named. `partial`: some sources name nothing. `overflow`: there are too many keys.
   * `unavailable`: the version store does not answer. With these two nothing below is there but `objects` and `invalidated`.
   */
  readonly status: 'full' | 'partial' | 'overflow' | 'unavailable';
  /** The epoch of the version store. */
  readonly epoch?: string;
  /** When the response began to read: microseconds since 1970. It orders the responses of a process. */
  readonly asOf?: number;
  /** Each key once, 16 characters each, one behind the other. */
  readonly keys?: string;
  /** By place of the key. */
  readonly versions?: readonly number[];
  /** Which keys belong to which position. Spec 11.5.3. */
  readonly groups?: readonly DependencyGroup[];
  /** The objects that were asked for by ids. */
  readonly objects?: readonly DescribedObjects[];
  /** The permission to ask about these keys. */
  readonly grant?: string;
  /** The groups written out: for people who learn the form, where the request has `inline: true`. */
  readonly inline?: readonly InlineGroup[];
  /** The keys that a mutation has invalidated, one behind the other. */
  readonly invalidated?: string;
}
