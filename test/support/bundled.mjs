// Runs a TypeScript program as one bundled file: a long run costs about half of what it does by tsx, which wraps every
// function to keep its name.
//   node [--import ./test/support/graphql17.mjs] test/support/bundled.mjs PROGRAM [ARGUMENT]...
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [, , program] = process.argv;
// As deep in the repository as test/support: files find the root by their place.
const outfile = resolve(`.tmp/bundled/${process.pid}.mjs`);
await build({
  entryPoints: [program],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
});
process.on('exit', () => rmSync(outfile, { force: true }));
process.argv.splice(1, 2, outfile);
await import(pathToFileURL(outfile).href);
