/**
 * Where the time for a new small operation goes, part by part, once V8 has compiled what plans it.
 *
 *   npm run bench:profile [-- folder of the sources]
 */
import { join } from 'node:path';
import { repository } from '../circumstances.ts';
import { markdown } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';
import { phases } from './phases.ts';

const bundle = await bundleChild(process.argv[2] ?? join(repository, 'src'), 'bench/profile/child.ts');
try {
  const measured = await runTask<object, Record<string, number>>(bundle, {});
  if ('kind' in measured) throw new Error(JSON.stringify(measured));
  const all = Object.values(measured).reduce((total, micros) => total + micros, 0);
  const row = (name: string, micros: number): string[] => [
    name,
    micros.toFixed(1),
    `${((100 * micros) / all).toFixed(0)}%`,
  ];
  const rows = Object.keys(phases).map((name) => row(name, measured[name] ?? 0));
  console.log(markdown(['', 'µs', ''], [...rows, row('all', all)]));
} finally {
  bundle.remove();
}
