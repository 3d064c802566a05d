import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FileReport, type FileRequest, MARK } from './testWorker.ts';

/** A file hangs when nothing came of it for so long: no test has ended and nothing was printed. */
const SILENCE_MS = 300_000;

/** How long a process may take to close its connections, drop its databases and end. */
const ENDING_MS = 60_000;

/** What a test file printed, and what became of it. */
export interface FileOutcome {
  readonly output: string;
  readonly report: FileReport;
}

/** A process that runs test files, one after the other. */
export class TestProcess {
  readonly #child: ChildProcess;
  #output = '';
  #onOutput = (): void => {};
  #isOver = false;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('testWorker.ts', import.meta.url)), [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#onOutput();
      });
    }
    // 'close' comes when all that it printed was read.
    this.#child.once('close', () => {
      this.#isOver = true;
      this.#onOutput();
    });
  }

  /** It has ended: what runs next needs another one. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs a file. Never rejects. */
  async run(file: string): Promise<FileOutcome> {
    this.#output = '';
    this.#child.send({ file } satisfies FileRequest);
    return new Promise((resolve) => {
      const end = (output: string, report: FileReport): void => {
        clearTimeout(silence);
        this.#onOutput = () => {};
        resolve({ output, report });
      };
      const hang = async (): Promise<void> => {
        const output = this.#output;
        this.#onOutput = () => {};
        await this.#kill();
        end(output, failed(`It hangs: nothing came of it for ${SILENCE_MS / 1000} s.`));
      };
      const silence = setTimeout(hang, SILENCE_MS);
      this.#onOutput = () => {
        silence.refresh();
        const at = this.#output.indexOf(MARK);
        const line = at === -1 ? -1 : this.#output.indexOf('\n', at);
        if (line !== -1) end(this.#output.slice(0, at), JSON.parse(this.#output.slice(at + MARK.length, line)));
        else if (this.#isOver) end(this.#output, failed(`It ended its process (${this.#how}).`));
      };
    });
  }

  get #how(): string {
    return this.#child.signalCode ?? `exit code ${this.#child.exitCode}`;
  }

  /** Lets the process end by itself. Returns what is wrong when it does not. */
  async end(): Promise<string | null> {
    if (this.#isOver) return null;
    const closed = once(this.#child, 'close');
    // It hangs up, not we: Node emits no 'close' for a channel that was closed at this end.
    this.#child.send({ file: null } satisfies FileRequest);
    const late = setTimeout(() => this.#kill(), ENDING_MS);
    await closed;
    clearTimeout(late);
    return this.#child.exitCode === 0 ? null : `A test process did not end well (${this.#how}).\n${this.#output}`;
  }

  async #kill(): Promise<void> {
    if (this.#isOver) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await closed;
    clearTimeout(late);
  }
}

function failed(problem: string): FileReport {
  return { passed: 0, failed: 0, skipped: 0, missing: [], failures: [], problems: [problem] };
}
