import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program to its end and yields what it printed; a failing one rejects with all its output as message. */
export function run(folder: string, program: string, ...programArguments: ReadonlyArray<string>): Promise<string> {
  return runWith({}, folder, program, ...programArguments);
}

/** The same with more in its environment. */
export async function runWith(
  more: NodeJS.ProcessEnv,
  folder: string,
  program: string,
  ...programArguments: ReadonlyArray<string>
): Promise<string> {
  try {
    const options = { cwd: folder, env: { ...cleanEnvironment(), ...more }, maxBuffer: 1 << 26 };
    return (await promisify(execFile)(program, programArguments, options)).stdout;
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error([message, stdout, stderr].join('\n'));
  }
}

/** The environment without what the surrounding `npm test` says of this package, and without hooks for this process. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) =>
    !/^(npm_(package|lifecycle|config_local_prefix)|NODE_OPTIONS$|FORCE_COLOR$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isForeign(name)));
}
