import { createInspector } from '../../src/inspector.ts';
import { memoryVersions } from '../../src/reactive.ts';
import { prometheusCounters } from '../../src/telemetry.ts';
import { median } from '../median.ts';
import { openView, type View } from './view.ts';

const WINDOWS = 60;
const WARM_UP = 400;

interface Mode {
  /** Turns it on; the function that it returns turns it off. */
  readonly on: (view: View) => () => void;
  readonly cpu: number[];
}

/** What it costs to look: CPU time of operations without anybody, with metrics, and with the inspector. */
export async function inspector(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [name, lists, items, times] of [
    ['1,001 objects', 20, 49, 20],
    ['6 objects', 1, 4, 300],
  ] as const) {
    const view = await openView(memoryVersions(), lists, items);
    const modes: Record<string, Mode> = {
      nobody: { on: () => () => undefined, cpu: [] },
      'nobody again': { on: () => () => undefined, cpu: [] },
      metrics: { on: () => prometheusCounters().stop, cpu: [] },
      inspector: {
        on: ({ engine, reactive }) => createInspector({ engine, reactive, allow: () => true }).close,
        cpu: [],
      },
    };
    const all = Object.values(modes);
    for (const mode of all) await run(view, mode, WARM_UP);
    for (const { cpu } of all) cpu.length = 0;
    for (let window = 0; window < WINDOWS; window++) {
      for (let n = 0; n < all.length; n++) await run(view, all[(window + n) % all.length] as Mode, times);
    }
    const base = modes.nobody as Mode;
    figures[`${name}, us of CPU`] = median(base.cpu);
    for (const [mode, { cpu }] of Object.entries(modes)) {
      figures[`${name}, ${mode}, ratio`] = median(cpu) / median(base.cpu);
      figures[`${name}, ${mode}, ratio of best`] = Math.min(...cpu) / Math.min(...base.cpu);
    }
  }
  return figures;
}

async function run(view: View, { on, cpu }: Mode, times: number): Promise<void> {
  const { kvetch, engine, document, user } = view;
  const off = on(view);
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    await engine.executeToBuffer({
      document,
      variableValues: { id: user },
      contextValue: { kvetch: kvetch.forRequest() },
    });
  }
  const { user: own, system } = process.cpuUsage(before);
  off();
  cpu.push((own + system) / times);
}
