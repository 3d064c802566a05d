/**
 * A page of an ordered list against a plain SQL table with the right index, on one MariaDB server: npm run
 * bench:kvetch:lists [-- --listings 50000 --windows 15]. The program runs as a bundle: what tsx makes of it keeps the names of
 * functions, at a price for each closure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repository } from '../../circumstances.ts';
import { bundleChild } from '../../runTask.ts';

const bundle = await bundleChild(join(repository, 'src'), 'bench/kvetch/lists/program.ts');
try {
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [bundle.entry, ...process.argv.slice(2)], { env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  bundle.remove();
}
