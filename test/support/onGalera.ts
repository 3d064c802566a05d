/**
 * Runs tests of Kvetch on a node of a Galera cluster: npm run test:galera [-- pattern…]. Without a pattern those of units.
 * `kvetch/mysql/galera` writes on all nodes and kills them.
 */
import { spawnSync } from 'node:child_process';
import { startGalera } from './galera.ts';
import { repositoryRoot } from './repository.ts';

const cluster = await startGalera(2);
try {
  const patterns = process.argv.slice(2);
  const { status } = spawnSync(
    'npm',
    ['test', '--', ...(patterns.length > 0 ? patterns : ['kvetch/mysql/units', 'kvetch/mysql/splitUnits'])],
    { cwd: repositoryRoot, stdio: 'inherit', env: { ...process.env, PLANQL_MYSQL_URL: cluster.nodes[0]?.uri } },
  );
  process.exitCode = status ?? 1;
} finally {
  await cluster.remove();
}
