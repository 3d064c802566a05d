/** `planql invalidation-server` as a process, and its configuration. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { InvalidationServerOptions } from '../../src/reactive.ts';
import { until } from '../support/until.ts';

export interface Standalone {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  /** The exit code, or the signal that ended it. */
  readonly end: Promise<number | NodeJS.Signals | null>;
}

/** Starts a program that prints where it listens. */
export async function startStandalone(
  program: string,
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Standalone> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  const end = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const portOf = (): string | undefined => /listens on http:.*:(\d+)\./.exec(output)?.[1];
  await until('it listens, or has ended', () => portOf() !== undefined || child.exitCode !== null);
  return { child, port: Number(portOf() ?? 0), output: () => output, end };
}

/** The subject is the bearer token. */
export const authenticate: InvalidationServerOptions['authenticate'] = (request, token) =>
  request.headers.get('authorization')?.replace(/^Bearer /, '') ?? (typeof token === 'string' ? token : null);
