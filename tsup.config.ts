import { existsSync } from 'node:fs';
import type { Options } from 'tsup';

/** The public entry points: sub-path of the package -> source file. `package.json#exports` is checked against it. */
export const entryPoints: Readonly<Record<string, string>> = {
  '.': 'src/index.ts',
  './execute': 'src/execute.ts',
  './explain': 'src/explain.ts',
  './plan-stores': 'src/plan-stores.ts',
  './telemetry': 'src/telemetry.ts',
  './kvetch': 'src/kvetch.ts',
  './kvetch/sqlite': 'src/kvetch-sqlite.ts',
  './kvetch/mysql': 'src/kvetch-mysql.ts',
  './kvetch/redis': 'src/kvetch-redis.ts',
  './pent': 'src/pent.ts',
  './grapple': 'src/grapple.ts',
  './reactive': 'src/reactive.ts',
  './reactive/apollo': 'src/reactive-apollo.ts',
  './reactive/urql': 'src/reactive-urql.ts',
  './reactive/client': 'src/reactive-client.ts',
  './reactive/client/documents': 'src/reactive-client-documents.ts',
  './reactive/redis': 'src/reactive-redis.ts',
  './inspector': 'src/inspector.ts',
  './server': 'src/server.ts',
};

/** The programs: name -> source file. `package.json#bin` is checked against it. */
export const programs: Readonly<Record<string, string>> = {
  planql: 'src/bin-planql.ts',
  kvetch: 'src/bin-kvetch.ts',
};

/** The file name, without extension, that a sub-path has in dist/: `./kvetch/sqlite` -> `kvetch-sqlite`. */
export function distName(subPath: string): string {
  return subPath === '.' ? 'index' : subPath.slice(2).replaceAll('/', '-');
}

/** The entry points whose source file exists: an entry appears in the build when its file appears. */
export function existingEntryPoints(): ReadonlyArray<readonly [subPath: string, source: string]> {
  return Object.entries(entryPoints).filter(([, source]) => existsSync(new URL(source, import.meta.url)));
}

const options: Options = {
  entry: {
    ...Object.fromEntries(existingEntryPoints().map(([subPath, source]) => [distName(subPath), source])),
    ...Object.fromEntries(Object.entries(programs).map(([name, source]) => [`bin-${name}`, source])),
  },
  format: ['esm', 'cjs'],
  // `npm run check` has looked for errors: declarations say all their types themselves (`isolatedDeclarations`).
  dts: { compilerOptions: { noCheck: true, stripInternal: true } },
  // Entries share chunks in CommonJS too: a class that two entries export must be one class.
  splitting: true,
  // With it, Rollup writes the CommonJS files; otherwise Sucrase does, which rewrites classes and loses their names.
  treeshake: true,
  // 'node:sqlite' has no name without its prefix; tsup strips prefixes unless told not to.
  removeNodeProtocol: false,
  target: 'node20',
  platform: 'node',
  clean: true,
  // esbuild writes a comment with the path before each module: 2 KB of 210, gzipped.
  plugins: [{ name: 'no-paths', renderChunk: (code) => ({ code: code.replace(/^\/\/ (?:src|steps)\/.*\n/gm, '') }) }],
  metafile: true, // read by test/package, left out of the published files
};

export default options;
