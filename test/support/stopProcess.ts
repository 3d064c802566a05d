import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Stops a process, and returns when all its threads have stopped: on a busy machine that takes a moment. */
export function stopProcess(child: ChildProcess | null | undefined): void {
  child?.kill('SIGSTOP');
  const tasks = `/proc/${child?.pid}/task`;
  const until = Date.now() + 2000;
  while (existsSync(tasks) && Date.now() < until) {
    const isStopped = readdirSync(tasks).every((task) => /\) T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')));
    if (isStopped) return;
  }
}
