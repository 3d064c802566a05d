import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { existingEntryPoints } from '../../tsup.config.ts';
import { readSource, repositoryRoot, sourceFilesIn } from '../support/repository.ts';
import { startRegistry } from './registry.ts';
import { run, runWith } from './run.ts';

/** The package as its user gets it. */
export interface Installed {
  /** The packed tarball. */
  readonly tarball: string;
  /** A folder with nothing in it but the installed tarball and `graphql`. */
  readonly folder: string;
  /** The environment in which npm installs from this machine. */
  readonly npm: Readonly<Record<string, string>>;
}

let building: Promise<void> | undefined;
let installing: Promise<Installed> | undefined;

/**
 * Builds dist/ unless it is newer than everything that it is made from. Processes do so in turn: the files of a run share it,
 * and none may read what another one is writing.
 */
export function build(): Promise<void> {
  building ??= inTurn(async () => {
    if (!isBuildFresh()) await run(repositoryRoot, 'npm', 'run', 'build');
  });
  return building;
}

const turn = join(repositoryRoot, '.tmp/building');

async function inTurn(work: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(turn), { recursive: true });
  while (!takesTurn()) await setTimeout(200);
  try {
    await work();
  } finally {
    rmSync(turn);
  }
}

function takesTurn(): boolean {
  try {
    writeFileSync(turn, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(turn, 'utf8')), 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') rmSync(turn, { force: true }); // of a process that was killed
  }
  return false;
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}

/** Packs the build and installs it in an empty folder, once for all suites of the process. */
export function install(): Promise<Installed> {
  installing ??= packAndInstall();
  return installing;
}

async function packAndInstall(): Promise<Installed> {
  await build();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'planql-package-')));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const packed = await run(repositoryRoot, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const tarball = join(folder, filename);
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true }));
  // Optional peers are there for those who import the entries that need them.
  const peers = ['graphql', 'ioredis', 'mysql2', 'react', 'ws'].map((name) => {
    const { version } = JSON.parse(readSource(`node_modules/${name}/package.json`)) as { version: string };
    return `${name}@${version}`;
  });
  const { url } = await startRegistry();
  const npm = { npm_config_registry: url, npm_config_cache: join(folder, 'cache') };
  await runWith(npm, app, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', tarball, ...peers);
  return { tarball, folder: app, npm };
}

function isBuildFresh(): boolean {
  const metafile = join(repositoryRoot, 'dist/metafile-cjs.json');
  const types = join(repositoryRoot, 'dist/index.d.cts');
  if (!existsSync(metafile) || !existsSync(types)) return false;
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as {
    outputs: Record<string, { entryPoint?: string }>;
  };
  const built = Object.values(outputs).map((output) => output.entryPoint);
  if (!existingEntryPoints().every(([, source]) => built.includes(source))) return false;
  const inputs = [
    ...sourceFilesIn('src'),
    ...sourceFilesIn('steps'),
    'tsup.config.ts',
    'tsconfig.json',
    'package.json',
  ];
  const modified = (file: string) => statSync(join(repositoryRoot, file)).mtimeMs;
  return inputs.every((file) => modified(file) < statSync(metafile).mtimeMs);
}
