// Runs TypeScript as Node runs JavaScript:
//   node --import ./test/support/typescript.mjs PROGRAM
// A test run starts hundreds of processes. Each of them loads planql in half of the time that tsx takes, which also charges for
// each closure, to keep its name. This takes the types out, and nothing else: imports name files with their endings, and `planql`
// means the sources, as tsconfig.json says. What comes out is kept in .tmp/typescript.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { findSourceMap, register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const root = new URL('../../', import.meta.url);
const kept = new URL('.tmp/typescript/', root);
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.json', root), 'utf8')).compilerOptions;

/** The hooks for `import` (this file is its own hook module). */
export async function resolve(specifier, context, nextResolve) {
  const file = /^\.{1,2}\/.*\.m?ts$/.test(specifier)
    ? new URL(specifier, context.parentURL)
    : specifier in paths && new URL(paths[specifier][0], root);
  return file ? { url: file.href, format: 'module', shortCircuit: true } : nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!/\.m?ts(?:\?|$)/.test(url)) return nextLoad(url, context);
  return { source: await withoutTypes(fileURLToPath(url)), format: 'module', shortCircuit: true };
}

async function withoutTypes(path) {
  const text = readFileSync(path, 'utf8');
  const banner = `// ${hashOf(text)}\n`;
  const file = fileURLToPath(new URL(`${hashOf(path)}.mjs`, kept));
  try {
    const code = readFileSync(file, 'utf8');
    if (code.startsWith(banner)) return code;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { transform } = await import('esbuild');
  const { code } = await transform(text, {
    ...{ loader: 'ts', target: 'es2022', banner: banner.trimEnd() },
    ...{ sourcefile: path, sourcemap: 'inline', sourcesContent: false },
  });
  try {
    mkdirSync(kept, { recursive: true });
    // processes write at the same time, and read whole files
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // on a full or a read-only disk it is made each time
  }
  return code;
}

function hashOf(text) {
  return createHash('sha1').update(text).digest('hex');
}

/**
 * A call of a stack as a text, with its place in the source. graphql-js reads the stack of each error: Node, which looks
 * for each place anew, takes an eighth of what tests with errors cost.
 */
const calls = new Map();
function callOf(frame) {
  const text = String(frame);
  if (!calls.has(text)) calls.set(text, inSource(text, frame));
  return calls.get(text);
}

function inSource(text, frame) {
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  const { originalLine, originalColumn } =
    findSourceMap(frame.getFileName() ?? '')?.findEntry(line - 1, column - 1) ?? {};
  if (originalLine === undefined) return text;
  return text.replace(`:${line}:${column}`, `:${originalLine + 1}:${originalColumn + 1}`);
}

if (isMainThread) {
  process.setSourceMapsEnabled(true);
  Error.prepareStackTrace = (error, frames) =>
    [Error.prototype.toString.call(error), ...frames.map(callOf)].join('\n    at ');
  register(import.meta.url);
}
