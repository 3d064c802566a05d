/** A process of bench/reactive/inspector.ts, in which one kind of listener is on from its start to its end, or none. */
import { createInspector } from '../../src/inspector.ts';
import { memoryVersions } from '../../src/reactive.ts';
import { prometheusCounters } from '../../src/telemetry.ts';
import { openView } from './view.ts';

const [mode, lists, items] = process.argv.slice(2);
const { kvetch, engine, reactive, document, user } = await openView(memoryVersions(), Number(lists), Number(items));
if (mode === 'metrics') prometheusCounters();
if (mode === 'inspector') createInspector({ engine, reactive, allow: () => true });

/** Runs the query so many times, and tells what one took: microseconds of CPU of all threads. */
process.on('message', async (times: number) => {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    await engine.executeToBuffer({
      document,
      variableValues: { id: user },
      contextValue: { kvetch: kvetch.forRequest() },
    });
  }
  const { user: own, system } = process.cpuUsage(before);
  process.send?.((own + system) / times);
});
