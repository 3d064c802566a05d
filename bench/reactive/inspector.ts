import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from '../median.ts';

const ROUNDS = 6;
const TURNS = 40;
const MODES = ['nobody', 'nobody again', 'metrics', 'inspector'] as const;

interface Side {
  readonly mode: (typeof MODES)[number];
  readonly child: ChildProcess;
}

/**
 * What it costs to look: CPU time of operations without anybody, with metrics, and with the inspector. Each is on in a process
 * of its own, as it is in an application: code that was compiled before somebody listened is thrown away when they begin.
 * No two processes are compiled alike, so there are several rounds of new ones. A window is compared with those of nobody in
 * the same turn: what else runs on the machine comes and goes. Each side goes first as often as the others.
 */
export async function inspector(entry: string): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, lists, items, times] of [
    ['1,001 objects', 20, 49, 25],
    ['6 objects', 1, 4, 400],
  ] as const) {
    const micros: number[] = [];
    const ratios = new Map(MODES.map((mode) => [mode, [] as number[]]));
    for (let round = 0; round < ROUNDS; round++) {
      const sides = MODES.map((mode): Side => ({ mode, child: fork(entry, [mode, `${lists}`, `${items}`]) }));
      for (const side of sides) await cpuOf(side, 60 * times);
      for (let turn = 0; turn < TURNS; turn++) {
        const cpu = new Map<string, number>();
        for (let n = 0; n < sides.length; n++) {
          const side = sides[(turn + n) % sides.length] as Side;
          cpu.set(side.mode, await cpuOf(side, times));
        }
        const nobody = ((cpu.get('nobody') ?? 0) + (cpu.get('nobody again') ?? 0)) / 2;
        micros.push(nobody);
        for (const [mode, own] of ratios) own.push((cpu.get(mode) ?? 0) / nobody);
      }
      for (const { child } of sides) child.kill();
    }
    figures[`${name}, us of CPU`] = median(micros);
    for (const [mode, own] of ratios) figures[`${name}, ${mode}, ratio`] = median(own);
  }
  return figures;
}

/** Microseconds of CPU of one of so many operations. */
async function cpuOf({ child }: Side, times: number): Promise<number> {
  child.send(times);
  const [micros] = (await once(child, 'message')) as [number];
  return micros;
}
