import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { repository } from './circumstances.ts';
import type { Outcome, Task } from './Task.ts';

const PATIENCE = 90_000;

/** A process of the bench as one would deploy it: bundled, nothing transpiled while it runs. */
export interface Bundle {
  readonly entry: string;
  remove(): void;
}

let bundles = 0;

/**
 * Bundles the child process with planql, so that what others change meanwhile changes nothing. Not run through tsx: its
 * transpiler keeps function names at a price for each closure. `planql` is where the entry points are taken from: a
 * folder of sources, or of what tsup built.
 */
export async function bundleChild(planql: string, child = 'bench/child.ts'): Promise<Bundle> {
  const folder = join(repository, '.tmp', `bench-${process.pid}-${bundles++}`);
  await build({
    entryPoints: [join(repository, child)],
    tsconfig: join(repository, 'tsconfig.json'), // not that of an example, which leads "planql" to a package
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    plugins: [entryPointsFrom(planql)],
  });
  return {
    entry: join(folder, basename(child).replace(/\.ts$/, '.mjs')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `dist/index.js` or `src/index.ts`, say, wherever the bench imports `../src/index.ts`. */
function entryPointsFrom(folder: string): Plugin {
  const isBuilt = existsSync(join(folder, 'index.js'));
  return {
    name: 'entry-points',
    setup({ onResolve }) {
      onResolve({ filter: /^(\.\.\/)+src\/[\w-]+\.ts$/ }, ({ path }) => {
        const entry = basename(path);
        return { path: join(folder, isBuilt ? entry.replace(/\.ts$/, '.js') : entry) };
      });
    },
  };
}

/** Runs a task in a process of its own. Gives what it told, or how it failed. */
export function runTask<TTask = Task, TOutcome = Outcome>(
  bundle: Bundle,
  task: TTask,
  patience: number = PATIENCE,
): Promise<TOutcome | { kind: 'failed'; reason: string }> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, ['--expose-gc', bundle.entry, JSON.stringify(task)], {
      env: { ...process.env, NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, patience);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0 && output !== '') return settle(JSON.parse(output) as TOutcome);
      const reason = isLate ? `no end within ${patience / 1000} s` : lastWords(errors);
      settle({ kind: 'failed', reason });
    });
  });
}

function lastWords(errors: string): string {
  const line = errors.split('\n').find((one) => /^\S*Error|FATAL/.test(one)) ?? errors.trim().split('\n').pop();
  return (line ?? 'no reason given').slice(0, 300);
}
