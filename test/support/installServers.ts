/**
 * Installs what tests need beside Node and npm (test/support/needs.ts): npm run test:servers
 * With apt, where that is there and allowed; else it prints what to install.
 */
import { spawnSync } from 'node:child_process';
import { programs, type Requirement, requirements } from './needs.ts';

type Manager = 'apt' | 'brew' | 'winget';

const names = (Object.keys(requirements) as Requirement[]).filter((name) => name !== 'network');
const missing = (): readonly Requirement[] => names.filter((name) => requirements[name].find() === null);
const packages = (manager: Manager): string =>
  [...new Set(missing().flatMap((name) => requirements[name][manager]))].join(' ');
const without = (manager: Manager): string => {
  const some = missing().filter((name) => requirements[name][manager].length === 0);
  return some.length === 0 ? '' : `   (there is no ${some.join(', ')})`;
};

const apt = aptCommand();
if (missing().length > 0 && apt !== null) {
  const options = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  run([...apt, 'update', ...options]);
  run([...apt, 'install', ...options, '-y', '--no-install-recommends', ...packages('apt').split(' ')]);
}
if (missing().length === 0) console.log(`All that tests need is there: ${names.join(', ')}.`);
else {
  process.exitCode = 1;
  console.log(`Missing: ${missing().join(', ')}. The tests that need them are skipped. What installs them:
  sudo apt-get install ${packages('apt')}
  brew install ${packages('brew')}${without('brew')}
  winget install ${packages('winget')}${without('winget')}
Their programs have to be in the path. Shared servers may be elsewhere, too: PLANQL_MYSQL_URL=mysql://user:password@host:port, PLANQL_REDIS_URL=redis://host:port.`);
}

/** How apt-get is called here without a password, or null. */
function aptCommand(): readonly string[] | null {
  if (programs('apt-get') === null) return null;
  if (process.getuid?.() === 0) return ['apt-get'];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n', 'apt-get'] : null;
}

function run([command = '', ...args]: readonly string[]): void {
  console.log(`${command} ${args.join(' ')}`);
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
