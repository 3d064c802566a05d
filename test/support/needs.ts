/**
 * What some tests need beside Node and npm, and what installs it. A test that needs something says so:
 *
 *   const test = needs(suite('redis: epochs'), 'redis-server');
 *   needs(test, 'mariadbd')('goes on when the server is killed', async () => { ... });
 *   needs(test, await mysqlForTests())('reads what it wrote', async () => { ... });
 *
 * Where that is missing, the test is skipped, and the last lines of the run tell what is missing and how to install it.
 * PLANQL_TEST_SERVERS=none: nothing is looked for, as on a machine with Node and npm alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Test } from 'uvu';

/** A server that tests share. Where there is none, its address leads nowhere. */
export interface SharedServer {
  readonly isThere: boolean;
  /** What starts one. */
  readonly program: Requirement;
}

interface Found {
  /** The path of what is needed, or null. */
  find(): string | null;
  /** The packages that bring it. */
  readonly apt: readonly string[];
  readonly brew: readonly string[];
  readonly winget: readonly string[];
}

export type Requirement = 'mariadbd' | 'redis-server' | 'galera' | 'haproxy' | 'chromium' | 'git' | 'network';

/** Nothing is looked for, neither programs nor ports. */
export const isBare: boolean = process.env.PLANQL_TEST_SERVERS === 'none';
const folders = (process.env.PATH ?? '').split(delimiter);
// Debian installs servers where only root looks for programs.
if (folders.includes('/usr/bin') && !folders.includes('/usr/sbin')) {
  folders.push('/usr/sbin');
  process.env.PATH = folders.join(delimiter);
}

export const requirements: Readonly<Record<Requirement, Found>> = {
  mariadbd: {
    find: () => programs('mariadbd', 'mariadb-install-db'),
    ...{ apt: ['mariadb-server'], brew: ['mariadb'], winget: ['MariaDB.Server'] },
  },
  'redis-server': {
    find: () => programs('redis-server', 'redis-cli'),
    ...{ apt: ['redis-server'], brew: ['redis'], winget: ['Memurai.MemuraiDeveloper'] },
  },
  galera: {
    find: () => programs('mariadbd', 'rsync', 'lsof') && firstFile(galeraProviders),
    ...{ apt: ['mariadb-server', 'galera-4', 'rsync', 'lsof'], brew: [], winget: [] },
  },
  haproxy: {
    find: () => programs('haproxy'),
    ...{ apt: ['haproxy'], brew: ['haproxy'], winget: [] },
  },
  chromium: {
    find: () =>
      process.env.PLANQL_CHROMIUM ??
      programs('chromium') ??
      programs('chromium-browser') ??
      programs('google-chrome') ??
      firstFile(chromes),
    ...{ apt: ['chromium'], brew: ['google-chrome'], winget: ['Google.Chrome'] },
  },
  git: {
    find: () => programs('git'),
    ...{ apt: ['git'], brew: ['git'], winget: ['Git.Git'] },
  },
  network: { find: findRegistry, apt: [], brew: [], winget: [] },
};

const galeraProviders = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'];
const chromes = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const found = new Map<Requirement, string | null>();
let skipped = new Map<string, number>();

/** The path of what a test needs, or null where it is missing. It is looked for once per process. */
export function find(name: Requirement): string | null {
  if (isBare) return null;
  const known = found.get(name);
  if (known !== undefined) return known;
  const path = requirements[name].find();
  found.set(name, path);
  return path;
}

/** The suite itself where all that it needs is there; else one that skips its tests and calls no hooks. */
export function needs<T>(test: Test<T>, ...names: ReadonlyArray<Requirement | SharedServer>): Test<T> {
  const missing = names.flatMap((name) => {
    if (typeof name !== 'string') return name.isThere ? [] : [name.program];
    return find(name) === null ? [name] : [];
  });
  if (missing.length === 0) return test;
  const skip = (...args: Parameters<Test<T>>): void => {
    test.skip(...args);
    const reason = [...new Set(missing)].sort().join(' and ');
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  };
  const ignored = Object.assign(() => undefined, { each: () => undefined });
  const skipping = { only: skip, skip, before: ignored, after: ignored, run: () => test.run() };
  return Object.assign((...args: Parameters<Test<T>>) => skip(...args), skipping) as Test<T>;
}

/** How many tests were skipped since the last call, by what is missing. */
export function takeSkipped(): ReadonlyArray<readonly [missing: string, tests: number]> {
  const taken = [...skipped];
  skipped = new Map();
  return taken;
}

/** The path of the first of these programs if all are in the path, else null. */
export function programs(...names: readonly string[]): string | null {
  const paths = names.map((name) =>
    firstFile(folders.flatMap((folder) => [join(folder, name), join(folder, `${name}.exe`)])),
  );
  return paths.includes(null) ? null : (paths[0] ?? null);
}

function firstFile(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Whether npm can install what is not in the clone. */
function findRegistry(): string | null {
  const asked = spawnSync('npm', ['view', 'graphql', 'version', '--fetch-retries=0', '--prefer-online'], {
    ...{ encoding: 'utf8', timeout: 20_000, shell: process.platform === 'win32' },
  });
  return asked.status === 0 ? 'npm' : null;
}
