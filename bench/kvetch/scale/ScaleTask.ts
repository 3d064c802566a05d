/** What a process of the bench is told to do, in the order in which it makes sense. */
export const taskNames = [
  'fill',
  'pages',
  'list',
  'browse',
  'clean',
  'export',
  'move',
  'stats',
  'doctor',
  'bytes',
] as const;

export interface ScaleTask {
  readonly name: (typeof taskNames)[number];
  readonly objects: number;
  /** How many of them are in one list. */
  readonly long: number;
  /** For files. */
  readonly folder: string;
  readonly servers: readonly string[];
  readonly redis: string;
}

export interface Done {
  readonly kind: 'done';
  readonly measured: readonly Measured[];
  /** The most that the process had, its program included. */
  readonly megabytes: number;
}

export interface Measured {
  readonly what: string;
  /** Null where no time is measured. */
  readonly seconds: number | null;
  readonly note: string;
}
