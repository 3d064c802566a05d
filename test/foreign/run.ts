// npm run test:foreign: planql, built and installed from its tarball, with schemas, servers and test runners of others.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../package/built.ts';
import { run } from '../package/run.ts';
import { repositoryRoot } from '../support/repository.ts';

const { folder } = await install();
cpSync(join(repositoryRoot, 'test/package/mixed'), join(folder, 'mixed'), { recursive: true });
for (const name of ['cases.test.mjs', 'federation.test.mjs', 'apollo.test.cjs'])
  cpSync(join(repositoryRoot, 'test/foreign', name), join(folder, name));
const packages = [
  ...['jest@30', 'vitest@4'],
  ...['@jest/globals@30', '@apollo/server@5.5.0', '@apollo/server-integration-testsuite@5.5.0'],
  ...['@graphql-tools/schema@10', '@pothos/core@4', '@pothos/plugin-errors@4', 'graphql-yoga@5', '@apollo/subgraph@2'],
  ...['@pothos/plugin-federation@4', '@pothos/plugin-directives@4', 'nexus@1'],
  ...['type-graphql@2.0.0-rc.2', 'class-validator@0.14', 'graphql-scalars@1', 'reflect-metadata@0.2'],
];
await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);

/** vitest gives its tests `index.mjs` of graphql 16: planql has to be inlined to get it too (docs/testing.md). */
writeFileSync(
  join(folder, 'vitest.config.mjs'),
  'export default { test: { server: { deps: { inline: [/planql/] } } } };\n',
);
writeFileSync(join(folder, 'plain.config.mjs'), 'export default {};\n');
writeFileSync(
  join(folder, 'graphql.test.mjs'),
  `import { buildSchema, parse } from 'graphql';
import { createEngine } from 'planql';
import { expect, test } from 'vitest';
test('the graphql of the test is that of planql', async () => {
  const engine = createEngine({ schema: buildSchema('type Query { a: Int }') });
  expect(await engine.execute({ document: parse('{ a }'), rootValue: { a: 1 } })).toEqual({ data: { a: 1 } });
});
`,
);
writeFileSync(join(folder, 'jest.config.json'), JSON.stringify({ testMatch: ['**/jest.test.mjs'], transform: {} }));
writeFileSync(join(folder, 'apollo.config.json'), JSON.stringify({ testMatch: ['**/apollo.test.cjs'], transform: {} }));

const runners: Readonly<Record<string, readonly string[]>> = {
  'Pothos, graphql-tools, Yoga, type-graphql, @apollo/subgraph': ['--test', 'cases.test.mjs'],
  'subgraphs of @apollo/subgraph, Pothos and Nexus': ['--test', 'federation.test.mjs'],
  'jest, ES modules': ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--config', 'jest.config.json'],
  "Apollo Server's integration suite": [
    'node_modules/jest/bin/jest.js',
    '--config',
    'apollo.config.json',
    '--forceExit',
  ],
  'vitest, import and require': [
    'node_modules/vitest/vitest.mjs',
    'run',
    'mixed/vitest.test.mjs',
    '--config',
    'plain.config.mjs',
  ],
  'vitest, graphql': ['node_modules/vitest/vitest.mjs', 'run', 'graphql.test.mjs'],
};
for (const [name, given] of Object.entries(runners)) {
  await run(folder, process.execPath, ...given);
  console.log(`${name}: passed`);
}
