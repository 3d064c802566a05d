// Loads sub-paths of the installed package and prints, as JSON, what they export and which classes are there twice.
//   node probe.mjs import|require|both <specifier>...
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [road, ...specifiers] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), 'app.js'));
await Promise.all(['graphql', 'lru-cache'].map((name) => import(name)));

const start = performance.now();
const loaded = [];
for (const specifier of specifiers) {
  if (road !== 'require') loaded.push([specifier, await import(specifier)]);
  if (road !== 'import') loaded.push([`${specifier} (require)`, require(specifier)]);
}
const milliseconds = performance.now() - start;

const compared = [];
const twice = [];
for (const [left, leftExports] of loaded) {
  for (const [right, rightExports] of loaded) {
    if (left === right) continue;
    for (const exported of Object.values(rightExports)) {
      for (let type = exported; typeof type === 'function' && type.name; type = Object.getPrototypeOf(type)) {
        const name = type.name.replace(/^_/, ''); // the bundler calls a class _Step when it refers to itself
        if (typeof leftExports[name] !== 'function') continue;
        compared.push(name);
        if (leftExports[name] !== type) twice.push(`${name} of ${left} is not that of ${right}`);
      }
    }
  }
}
// An error's `name` is its class's; the bundler must not have renamed it.
const misnamed = loaded.flatMap(([, module]) =>
  Object.entries(module)
    .filter(([name, value]) => value?.prototype instanceof Error && value.name !== name)
    .map(([name, value]) => `${name} is named ${value.name}`),
);
const exported = Object.fromEntries(loaded.map(([name, value]) => [name, Object.keys(value).sort()]));
console.log(JSON.stringify({ exported, milliseconds, compared: compared.length, twice, misnamed }));
