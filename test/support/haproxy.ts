import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort } from './servers.ts';

/** A HAProxy in front of database servers. Each has its turn while it accepts connections. */
export interface Haproxy {
  /** `mysql://root@host:port`, without a database. */
  readonly uri: string;
  stop(): Promise<void>;
}

/** Starts one in front of the servers on these ports: it needs `haproxy`. */
export async function startHaproxy(ports: readonly number[]): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'planql-haproxy-'));
  const port = await freePort();
  const servers = ports.map(
    (one, at) => `  server node-${at} 127.0.0.1:${one} check inter 200 fall 2 rise 1 on-marked-down shutdown-sessions`,
  );
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
listen mysql
  bind 127.0.0.1:${port}
  balance roundrobin
  option redispatch 1
  retries 3
${servers.join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  const clear = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', clear);
  const uri = `mysql://root@127.0.0.1:${port}`;
  for (const end = Date.now() + 10_000; !(await answers(uri)); await new Promise((resolve) => setTimeout(resolve, 50)))
    if (Date.now() > end) throw new Error(`HAProxy did not answer on port ${port}.`);
  return {
    uri,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      clear();
      process.off('exit', clear);
      if (child.exitCode === null && child.signalCode === null) await ended;
    },
  };
}
