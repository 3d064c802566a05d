import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';
import type { Options } from 'tsup';
import { version } from './src/utils/version.ts';

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
  './reactive/react': 'src/reactive-react.ts',
  './reactive/urql': 'src/reactive-urql.ts',
  './reactive/client': 'src/reactive-client.ts',
  './reactive/client/documents': 'src/reactive-client-documents.ts',
  './reactive/client/offline': 'src/reactive-client-offline.ts',
  './reactive/client/panel': 'src/reactive-client-panel.ts',
  './reactive/redis': 'src/reactive-redis.ts',
  './inspector': 'src/inspector.ts',
  './server': 'src/server.ts',
};

/** The programs: name -> source file. `package.json#bin` is checked against it. */
export const programs: Readonly<Record<string, string>> = {
  planql: 'src/bin-planql.ts',
  kvetch: 'src/bin-kvetch.ts',
};

/** The entry points that pages load, by file name. */
const browserEntries = ['client', 'client-documents', 'client-offline', 'client-panel', 'apollo', 'react', 'urql'].map(
  (name) => `reactive-${name}`,
);

/** The file name, without extension, that a sub-path has in dist/: `./kvetch/sqlite` -> `kvetch-sqlite`. */
export function distName(subPath: string): string {
  return subPath === '.' ? 'index' : subPath.slice(2).replaceAll('/', '-');
}

/** The entry points whose source file exists: an entry appears in the build when its file appears. */
export function existingEntryPoints(): ReadonlyArray<readonly [subPath: string, source: string]> {
  return Object.entries(entryPoints).filter(([, source]) => existsSync(new URL(source, import.meta.url)));
}

/** The file with the function `oneCopy`, without extension. */
const FUNCTION = 'one-copy';

/** Files that work with graphql are shared by those who share graphql. Where steps are, graphql is. */
const worksWithGraphql = /^(src\/(step|schema|planner|execution|engine)|steps)\//;

/**
 * Makes files of the build that are loaded twice one: by `import` and by `require` (tsx, jest), or in two bundles. Each file
 * exports what the first copy of it exports, see `oneCopy`. So a step, a class or a registry of one is that of the other.
 *
 * @param version - of the package.
 * @param apart - entry points, by name, whose files stay as they are: pages load them, and they have no identity to keep.
 */
function oneCopyPlugin(version: string, apart: readonly string[]): Plugin {
  return {
    name: FUNCTION,
    setup(build) {
      build.onEnd(({ outputFiles = [], metafile }) => {
        if (metafile === undefined) throw new Error('The build needs a metafile.');
        const { outputs } = metafile;
        const isApart = reached(metafile, (file) => apart.includes(nameOf(file)) || nameOf(file) === FUNCTION);
        const bound = boundFiles(metafile);
        const sources = Object.keys(outputs).map((file) => Object.keys(outputs[file]?.inputs ?? {}).join());
        const texts = outputFiles.map(({ text }) => withoutImports(text)).sort();
        const release = `${version} ${hashOf([...sources.sort(), ...texts])}`;
        for (const output of outputFiles) {
          const file = Object.keys(outputs).find((name) => output.path.endsWith(name)) ?? '';
          const meta = outputs[file];
          if (nameOf(file) === FUNCTION) {
            const named = output.text.replace('planql.files', `planql.files of ${release}`);
            if (named === output.text) throw new Error('oneCopy has no name for the files of a release.');
            output.contents = Buffer.from(named);
          }
          if (meta === undefined || isApart.has(file)) continue;
          const id = hashOf(Object.keys(meta.inputs));
          const text = shared(output.text, { id, isBound: bound.has(file), extension: extensionOf(file) });
          if (text === null) continue;
          output.contents = Buffer.from(text);
          if (bound.has(file)) meta.imports.push({ path: 'graphql', kind: 'import-statement', external: true });
          const path = Object.keys(outputs).find((name) => nameOf(name) === FUNCTION) ?? '';
          meta.imports.push({ path, kind: 'import-statement' });
        }
      });
    },
  };
}

interface Shared {
  readonly id: string;
  readonly isBound: boolean;
  readonly extension: string;
}

/** A file that exports what its first copy exports; null: as it is, it exports nothing of its own that could differ. */
function shared(text: string, { id, isBound, extension }: Shared): string | null {
  const [list, names] = /\nexport \{\n([^}]*)\n\};\n/.exec(text) ?? [];
  // Functions may be there twice, and what is made once by a file may not.
  if (list === undefined || names === undefined || !/^(var|let|const|class) /m.test(text)) return null;
  const imported = new Set([...importsOf(text)].flatMap(([, locals = '']) => namesIn(locals).map(([, name]) => name)));
  const exported = namesIn(names);
  const own = exported.filter(([local]) => !imported.has(local));
  if (own.length === 0) return null;
  const others = exported.filter(([local]) => imported.has(local));
  return [
    `import { oneCopy as oneCopy$$ } from "./${FUNCTION}${extension}";`,
    ...(isBound ? ['import { GraphQLSchema as GraphQLSchema$$ } from "graphql";'] : []),
    text.replace(list, ''),
    `var [${own.map((_, index) => `$${index}`)}] = /* @__PURE__ */ oneCopy$$("${id}", ${isBound ? 'GraphQLSchema$$' : null}, [${own.map(([local]) => local)}]);`,
    `export { ${[...others.map(([local, name]) => `${local} as ${name}`), ...own.map(([, name], index) => `$${index} as ${name}`)]} };`,
    '',
  ].join('\n');
}

function importsOf(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/^import \{([^}]*)\} from "[^"]*";\n/gm);
}

function withoutImports(text: string): string {
  return text.replaceAll(/^import [^;]*;\n/gm, '');
}

/** The names in `a, b as c`: each with the one that it has on the other side. */
function namesIn(list: string): (readonly [left: string, right: string])[] {
  const entries = list.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [left = '', right = left] = entry.split(' as ');
      return [left, right] as const;
    });
}

/** The files that work with graphql, and all that load them. */
function boundFiles({ outputs }: Metafile): ReadonlySet<string> {
  const bound = new Set<string>();
  for (let size = -1; size !== bound.size; ) {
    size = bound.size;
    for (const [file, { inputs, imports }] of Object.entries(outputs)) {
      if (
        Object.keys(inputs).some((input) => worksWithGraphql.test(input)) ||
        imports.some(({ path }) => path === 'graphql' || bound.has(path))
      ) {
        bound.add(file);
      }
    }
  }
  return bound;
}

/** The files that are loaded with those that `isFirst` names. */
function reached({ outputs }: Metafile, isFirst: (file: string) => boolean): ReadonlySet<string> {
  const found = new Set(Object.keys(outputs).filter(isFirst));
  for (const file of found)
    for (const { path, external } of outputs[file]?.imports ?? []) if (!external) found.add(path);
  return found;
}

function nameOf(file: string): string {
  return basename(file).replace(/\.c?js$/, '');
}

function extensionOf(file: string): string {
  return file.endsWith('.cjs') ? '.cjs' : '.js';
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('base64url').slice(0, 8);
}

const options: Options = {
  entry: {
    ...Object.fromEntries(existingEntryPoints().map(([subPath, source]) => [distName(subPath), source])),
    ...Object.fromEntries(Object.entries(programs).map(([name, source]) => [`bin-${name}`, source])),
    'one-copy': 'src/utils/oneCopy.ts',
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
  // It has no ES module, which bundlers for browsers and the edge refuse.
  noExternal: ['fast-json-stable-stringify'],
  esbuildPlugins: [oneCopyPlugin(version, browserEntries)],
  // esbuild writes a comment with the path before each module: 2 KB of 210, gzipped.
  plugins: [{ name: 'no-paths', renderChunk: (code) => ({ code: code.replace(/^\/\/ (?:src|steps)\/.*\n/gm, '') }) }],
  metafile: true, // read by test/package, left out of the published files
};

export default options;
