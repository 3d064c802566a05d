/** A folder of the sources, and what its files may import besides each other. */
export interface Room {
  readonly folder: string;
  /** Rooms below it. Allowing a room does not allow the rooms nested in that room's folder. */
  readonly imports: ReadonlyArray<string>;
  /** Packages by name; `node:` stands for every module of Node. */
  readonly thirdParty: ReadonlyArray<string>;
}

const foundations = ['src/utils', 'src/errors', 'src/telemetry'];

/** The rooms of execution, from the bottom up: each imports those before it, and knows nothing of those after it. */
const executionFloors = ['state', 'schedule', 'link', 'operators', 'driver', 'compiled', 'writer', 'later'];
const execution = executionFloors.map((floor) => `src/execution/${floor}`);

/** Rooms that stand on each other. */
function floors(folders: ReadonlyArray<string>, common: Omit<Room, 'folder'>): ReadonlyArray<Room> {
  return folders.map((folder, index) => ({
    folder,
    imports: [...common.imports, ...folders.slice(0, index)],
    thirdParty: common.thirdParty,
  }));
}

/**
 * The import table of DESIGN, section 3, from the bottom up: a room only ever names rooms that stand above it in this
 * list. A folder inside a room's folder may be a room of its own (a vendor's driver, say): the longest folder that
 * contains a file is the file's room.
 */
export const rooms: ReadonlyArray<Room> = [
  { folder: 'src/utils', imports: [], thirdParty: ['fast-json-stable-stringify', 'node:crypto'] },
  { folder: 'src/errors', imports: ['src/utils'], thirdParty: [] },
  { folder: 'src/telemetry', imports: ['src/errors', 'src/utils'], thirdParty: ['node:'] },

  { folder: 'src/plan', imports: foundations, thirdParty: [] },
  { folder: 'src/planStores', imports: [...foundations, 'src/plan'], thirdParty: ['node:'] },
  { folder: 'src/explain', imports: [...foundations, 'src/plan'], thirdParty: ['node:'] },
  { folder: 'src/step', imports: [...foundations, 'src/plan'], thirdParty: [] },
  { folder: 'src/federation', imports: [], thirdParty: ['graphql'] },
  {
    folder: 'src/schema',
    imports: [...foundations, 'src/plan', 'src/step', 'src/federation'],
    thirdParty: ['graphql'],
  },
  { folder: 'src/planner', imports: [...foundations, 'src/plan', 'src/step', 'src/schema'], thirdParty: ['graphql'] },
  ...floors(execution, {
    imports: [...foundations, 'src/plan', 'src/step'],
    thirdParty: ['graphql'],
  }),
  {
    folder: 'src/engine',
    imports: [...foundations, 'src/plan', 'src/step', 'src/schema', 'src/planner', ...execution],
    thirdParty: ['graphql', 'lru-cache'],
  },

  { folder: 'src/redis', imports: foundations, thirdParty: ['ioredis'] },
  { folder: 'src/kvetch', imports: foundations, thirdParty: ['lru-cache', 'node:'] },
  {
    folder: 'src/kvetch/sqlite',
    imports: [...foundations, 'src/kvetch'],
    thirdParty: ['better-sqlite3', 'libsql', 'node:'],
  },
  { folder: 'src/kvetch/mysql', imports: [...foundations, 'src/kvetch'], thirdParty: ['mysql2', 'node:'] },
  {
    folder: 'src/kvetch/redis',
    imports: [...foundations, 'src/redis', 'src/kvetch'],
    thirdParty: ['ioredis', 'lru-cache', 'node:'],
  },

  { folder: 'src/pent', imports: [...foundations, 'src/kvetch'], thirdParty: [] },
  {
    folder: 'src/grapple',
    imports: [...foundations, 'src/federation', 'src/kvetch'],
    thirdParty: ['graphql', 'node:'],
  },
  {
    folder: 'src/reactive',
    imports: [...foundations, 'src/plan', 'src/step', 'src/schema', ...execution, 'src/kvetch'],
    thirdParty: ['graphql', 'ws', 'node:'],
  },
  {
    folder: 'src/reactive/changes',
    imports: [...foundations, 'src/redis', 'src/reactive'],
    thirdParty: ['@vlasky/zongji', 'ioredis', 'mysql2', 'node:'],
  },
  // It runs in browsers.
  // `adapters/react.ts` needs React. test/package/budgets.ts says that no other entry point loads it.
  { folder: 'src/reactive/client', imports: ['src/utils'], thirdParty: ['react'] },
  {
    folder: 'src/reactive/redis',
    imports: [...foundations, 'src/redis', 'src/reactive'],
    thirdParty: ['ioredis', 'node:'],
  },
  // It looks at engines and at the reactive layer from outside, by what they tell on channels: neither knows of it.
  {
    folder: 'src/inspector',
    imports: [...foundations, 'src/plan', 'src/explain', 'src/reactive'],
    thirdParty: ['graphql', 'node:'],
  },
  { folder: 'src/server', imports: [...foundations, 'src/engine', 'src/reactive'], thirdParty: ['graphql', 'node:'] },

  {
    folder: 'src/cli',
    imports: [...foundations, 'src/plan', 'src/explain', 'src/step', 'src/schema', 'src/engine'],
    thirdParty: ['diff', 'graphql', 'node:'],
  },
  {
    folder: 'src/cli/grapple',
    imports: [...foundations, 'src/grapple', 'src/cli'],
    thirdParty: ['node:'],
  },
  {
    folder: 'src/cli/kvetch',
    imports: [...foundations, 'src/kvetch', 'src/kvetch/mysql', 'src/kvetch/sqlite', 'src/cli'],
    thirdParty: ['node:'],
  },

  {
    folder: 'src/cli/reactive',
    imports: [...foundations, 'src/reactive', 'src/cli'],
    thirdParty: ['ws', 'node:'],
  },

  // What any author of steps may import: the step contract and public utilities.
  { folder: 'steps', imports: ['src/utils', 'src/errors', 'src/step'], thirdParty: [] },
  { folder: 'steps/kvetch', imports: ['src/utils', 'src/errors', 'src/step', 'src/kvetch', 'steps'], thirdParty: [] },
  {
    folder: 'steps/pent',
    imports: [...foundations, 'src/step', 'src/kvetch', 'src/pent', 'steps', 'steps/kvetch'],
    thirdParty: [],
  },
];
