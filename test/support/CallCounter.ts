/** Which functions of planql ran, by the profiler of V8: files, and the lines from which to which a function goes. */

import { Session } from 'node:inspector/promises';
import { findSourceMap } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from './repository.ts';

/** The lines of a function, both counted from 1. */
export interface CalledFunction {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** By file, as its path in the repository. */
export type Called = ReadonlyMap<string, readonly CalledFunction[]>;

/** Counts calls of functions of `src` and `steps`. One at a time in a process. */
export class CallCounter {
  readonly #session = new Session();
  readonly #starts = new Map<string, readonly number[]>();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Debugger.enable');
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** What ran since the last time. */
  async take(): Promise<Called> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const called = new Map<string, readonly CalledFunction[]>();
    for (const { url, scriptId, functions } of result) {
      const file = fileOf(url);
      if (file === null) continue;
      const ran = functions.filter(({ functionName, ranges }) => functionName !== '' && (ranges[0]?.count ?? 0) > 0);
      if (ran.length === 0) continue;
      const starts = await this.#lineStarts(scriptId);
      const lines = ran.map(({ functionName, ranges: [range] }) => ({
        name: functionName,
        from: sourceLine(url, starts, range?.startOffset ?? 0),
        to: sourceLine(url, starts, (range?.endOffset ?? 1) - 1),
      }));
      called.set(file, lines);
    }
    return called;
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** Where the lines of a script begin, as it runs. */
  async #lineStarts(scriptId: string): Promise<readonly number[]> {
    const known = this.#starts.get(scriptId);
    if (known !== undefined) return known;
    const { scriptSource } = await this.#session.post('Debugger.getScriptSource', { scriptId });
    const starts = [0];
    for (let at = scriptSource.indexOf('\n'); at !== -1; at = scriptSource.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts.set(scriptId, starts);
    return starts;
  }
}

function fileOf(url: string): string | null {
  if (!url.startsWith('file:')) return null;
  const file = relative(repositoryRoot, fileURLToPath(url));
  return /^(?:src|steps)\//.test(file) ? file : null;
}

/** The line in the source, by the map that typescript.mjs makes. */
function sourceLine(url: string, starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const entry = findSourceMap(url)?.findEntry(low, offset - (starts[low] ?? 0));
  return entry !== undefined && 'originalLine' in entry ? entry.originalLine + 1 : low + 1;
}
