import { type ChildProcess, spawn } from 'node:child_process';
import type { Command } from '../Command.ts';
import { generateProject, printWritten, projectFolder } from './project.ts';
import { readFolder } from './readFolder.ts';
import { watchFolder } from './watchFolder.ts';

type Print = (line: string) => void;

/** Generates; prints errors, for the next change may mend them. */
function generateAndTell(folder: string, print: Print): boolean {
  try {
    const written = generateProject(folder, {}, print);
    if (written !== null) printWritten(written, print);
    return written !== null;
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Resolves when the program is to end. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

/** Generates again whenever a schema file changes. */
export const watchCommand: Command = {
  words: ['watch'],
  usage: '[folder]   generates, and again whenever schema/ changes',

  async run(args, print) {
    const folder = projectFolder(readFolder(args, []).folder);
    generateAndTell(folder, print);
    const stop = watchFolder(folder, ['schema'], () => generateAndTell(folder, print));
    await untilInterrupted();
    stop();
    return 0;
  },
};

/** Generates and runs the server; both again whenever a file changes. */
export const devCommand: Command = {
  words: ['dev'],
  usage: '[folder]   generates and starts the server; generates and restarts it whenever a file changes',

  async run(args, print) {
    const folder = projectFolder(readFolder(args, []).folder);
    const server = new DevServer(folder, print);
    if (generateAndTell(folder, print)) await server.restart();
    let turn: Promise<void> = Promise.resolve();
    const stop = watchFolder(folder, ['.', 'schema', 'generated', 'pents'], (files) => {
      turn = turn.then(async () => {
        const isSchema = [...files].some((file) => file.startsWith('schema/'));
        // A generated file is a change of its own, which restarts the server.
        if (isSchema) generateAndTell(folder, print);
        if ([...files].some((file) => /\.ts$|^generated\//.test(file))) await server.restart();
      });
    });
    await untilInterrupted();
    stop();
    await turn;
    await server.stop();
    return 0;
  },
};

/** The server of a project as a process of its own: it begins anew with each change. */
class DevServer {
  readonly #folder: string;
  readonly #print: Print;
  #child: ChildProcess | null = null;

  constructor(folder: string, print: Print) {
    this.#folder = folder;
    this.#print = print;
  }

  async restart(): Promise<void> {
    await this.stop();
    const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: this.#folder, stdio: 'inherit' });
    this.#child = child;
    child.on('error', (error) => this.#print(`The server could not be started: ${error.message}`));
    child.on('exit', (code) => {
      if (this.#child !== child) return;
      this.#child = null;
      if (code !== 0) this.#print('The server ended. Waiting for a change…');
    });
  }

  /** Lets it finish its work. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(patience);
  }
}
