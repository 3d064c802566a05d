import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { repositoryRoot, typescript } from '../support/repository.ts';

/** What `npm run <script> -- <args>` prints: the line of package.json is run, without npm's own start-up time. */
export async function printed(
  script: string,
  args: readonly string[] = [],
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { scripts } = JSON.parse(readFileSync(`${repositoryRoot}/package.json`, 'utf8'));
  const [command, ...words] = (scripts[script] as string).split(' ');
  if (command !== 'tsx') throw new Error(`The script "${script}" is not run by tsx.`);
  const argv = [...typescript, ...words, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, argv, {
    cwd: repositoryRoot,
    env: { ...process.env, ...variables },
  });
  return stdout;
}

/** A response as it is sent: records without a prototype become plain objects. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
