import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

export const repository: string = fileURLToPath(new URL('..', import.meta.url));

/** When, where and of what figures are: results say so. */
export function circumstances(): {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly revision: string;
} {
  return {
    date: new Date().toISOString(),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    node: process.version,
    revision: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: repository, encoding: 'utf8' }).trim(),
  };
}
