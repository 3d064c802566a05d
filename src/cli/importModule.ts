import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './Command.ts';

/** How Node refuses TypeScript: no types are stripped, a part of the language that is more than types, an import without its extension. */
const refusals = new Set<unknown>([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_MODULE_NOT_FOUND',
]);

/**
 * Imports a module of the user by its path, TypeScript or not: as Node does it, else by tsx where the module can find it.
 * Throws a `UsageError` that says how to go on where neither can.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path);
  const { href } = pathToFileURL(file);
  const tsx = findTsx(file);
  try {
    // Node remembers a module that it has refused: where it runs no TypeScript at all, tsx must come first
    if (stripsTypes || tsx === null) return await import(href);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && refusals.has(error.code))) throw error;
    const { code, message } = error;
    if (tsx === null && code === 'ERR_MODULE_NOT_FOUND' && !/\.[cm]?ts\b/.test(`${path} ${message}`)) throw error;
    if (tsx === null) {
      throw new UsageError(
        `"${path}" is or imports TypeScript that Node ${process.version} does not run: ${message}\nRun "npm install --save-dev tsx" and this command again; or use Node 22.18 or later, with imports that name their extension; or write it as .mjs.`,
      );
    }
  }
  await import(pathToFileURL(tsx).href); // from now on, as with "node --import tsx"
  return asWritten(await import(href));
}

/** Whether this Node runs TypeScript that has nothing but types to be taken away. */
const stripsTypes = Reflect.get(process.features, 'typescript') === 'strip';

/** Where no package.json says "type": "module", tsx makes a CommonJS module, whose exports Node gives as its default. */
function asWritten(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { default: exported } = module;
  const isCommonJs = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  return isCommonJs ? { ...exported } : module;
}

/** Where tsx is installed for a file, or `null`. */
function findTsx(file: string): string | null {
  try {
    return createRequire(file).resolve('tsx');
  } catch {
    return null;
  }
}
