import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Answers from an exported plan. What it returns can be cloned. */
export type Answer<T> = (plan: unknown) => Promise<T>;

/** What is sent to the other process: which answer is wanted, and from which plan. */
export interface Question {
  readonly file: string;
  readonly index: number;
  readonly plan: unknown;
}

/** What comes back. */
export type Reply = { readonly answer: unknown } | { readonly error: string };

const answers = new Map<string, Answer<unknown>[]>();

/**
 * An answer that is given in another process, which has no planner: it imports the same test file (`import.meta.url`), so
 * it holds the same schemas, loaders and functions, and gives the answer that was made there at the same place.
 */
export function answerable<T>(file: string, answer: Answer<T>): Answer<T> {
  const ofFile = answersOf(file);
  const index = ofFile.push(answer as Answer<unknown>) - 1;
  return (plan) => ask({ file, index, plan }) as Promise<T>;
}

/** The answers that were made in a file, in their order. */
export function answersOf(file: string): Answer<unknown>[] {
  const known = answers.get(file) ?? [];
  answers.set(file, known);
  return known;
}

let child: ChildProcess | null = null;

async function ask(question: Question): Promise<unknown> {
  child ??= start();
  // It holds this process while it is asked something, and never else.
  child.ref();
  child.channel?.ref();
  child.send(question);
  const gone = new AbortController();
  const reply = await Promise.race([
    once(child, 'message', { signal: gone.signal }).then(([message]) => message as Reply),
    once(child, 'exit', { signal: gone.signal }).then(
      ([code]): Reply => ({ error: `The other process ended: ${code}.` }),
    ),
  ]);
  gone.abort();
  child.unref();
  child.channel?.unref();
  if ('error' in reply) throw new Error(`In the other process: ${reply.error}`);
  return reply.answer;
}

function start(): ChildProcess {
  const folder = new URL('.', import.meta.url);
  const execArgv = [...process.execArgv, '--import', fileURLToPath(new URL('noPlanner.mjs', folder))];
  return fork(fileURLToPath(new URL('main.ts', folder)), { execArgv, serialization: 'advanced' });
}
