import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../median.ts';

const WINDOWS = 40;
const MODES = ['nobody', 'nobody again', 'metrics', 'inspector'] as const;

interface Side {
  readonly mode: (typeof MODES)[number];
  readonly child: ChildProcess;
  readonly cpu: number[];
}

/**
 * What it costs to look: CPU time of operations without anybody, with metrics, and with the inspector. Each is on in a process
 * of its own, as it is in an application: code that was compiled before somebody listened is thrown away when they begin.
 */
export async function inspector(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, lists, items, times] of [
    ['1,001 objects', 20, 49, 50],
    ['6 objects', 1, 4, 800],
  ] as const) {
    const sides = MODES.map((mode): Side => ({ mode, child: start(mode, lists, items), cpu: [] }));
    for (const side of sides) await window(side, 30 * times);
    for (const { cpu } of sides) cpu.length = 0;
    for (let turn = 0; turn < WINDOWS; turn++) {
      for (let n = 0; n < sides.length; n++) await window(sides[(turn + n) % sides.length] as Side, times);
    }
    const base = (sides[0] as Side).cpu;
    figures[`${name}, us of CPU`] = median(base);
    for (const { mode, child, cpu } of sides) {
      figures[`${name}, ${mode}, ratio`] = median(cpu) / median(base);
      figures[`${name}, ${mode}, ratio of best`] = Math.min(...cpu) / Math.min(...base);
      child.kill();
    }
  }
  return figures;
}

function start(mode: string, lists: number, items: number): ChildProcess {
  const file = fileURLToPath(new URL('inspectedServer.ts', import.meta.url));
  return fork(file, [mode, `${lists}`, `${items}`], { execArgv: ['--import', 'tsx'] });
}

async function window({ child, cpu }: Side, times: number): Promise<void> {
  child.send(times);
  const [micros] = (await once(child, 'message')) as [number];
  cpu.push(micros);
}
