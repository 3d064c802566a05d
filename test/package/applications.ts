/** Applications that `planql init` of the packed tarball makes in an empty directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserPage, startBrowser } from '../support/browser.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';
import { run } from './run.ts';

/** An empty directory with what npm would install, without asking the registry again: the package, and links to those of this clone. */
export async function emptyDirectory(): Promise<string> {
  const { folder } = await install();
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'planql-application-')));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  const modules = join(root, 'node_modules');
  cpSync(join(folder, 'node_modules/planql'), join(modules, 'planql'), { recursive: true });
  for (const name of readdirSync(join(repositoryRoot, 'node_modules'))) {
    if (name !== 'planql') symlinkSync(join(repositoryRoot, 'node_modules', name), join(modules, name));
  }
  return root;
}

/** Runs a file of a package that an application in `root` has installed. */
export function runInstalled(root: string, folder: string, file: string, ...args: readonly string[]): Promise<string> {
  return run(folder, process.execPath, join(root, 'node_modules', file), ...args);
}

export const PLANQL = 'planql/dist/bin-planql.js';

/** Runs a test file of an application. */
export function runTests(folder: string, file: string): Promise<string> {
  return run(folder, process.execPath, '--import', 'tsx', '--test', file);
}

export function buildPage(root: string, folder: string): Promise<string> {
  return runInstalled(root, folder, 'vite/bin/vite.js', 'build', '--config', 'web/vite.config.js');
}

export interface Started {
  readonly child: ChildProcess;
  /** That of GraphQL. */
  readonly url: string;
}

/** Starts the server of an application. */
export async function start(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: folder,
    env: { ...process.env, PORT: '0', SQLITE_FILE: join(folder, 'app.db'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, url: await urlOf(child) };
}

/** The address that a server prints. */
export function urlOf(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk;
      const found = /http:\S+/.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('exit', () => reject(new Error(`The server ended: ${output}`)));
  });
}

export async function stop(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Runs `use` with a browser and the address of the application's page. */
export async function withPages(
  folder: string,
  use: (open: (of?: string) => Promise<BrowserPage>) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const { child } = await start(folder, { PORT: String(port), SQLITE_FILE: join(folder, 'pages.db') });
  const browsers: Browser[] = [];
  const named = new Map<string, Browser>();
  try {
    await use(async (of = '') => {
      let browser = named.get(of);
      if (browser === undefined) {
        browser = await startBrowser();
        browsers.push(browser);
        named.set(of, browser);
      }
      return browser.open(`http://localhost:${port}/`);
    });
  } finally {
    for (const browser of browsers) await browser.close();
    await stop(child);
  }
}

/** An expression: the button with this text. */
export function button(text: string, type: 'button' | 'submit' = 'button'): string {
  return `[...document.querySelectorAll('button[type=${type}]')].find((one) => one.textContent === ${JSON.stringify(text)})`;
}

/** Waits for a form with these fields, fills them and sends it. */
export async function fillIn(page: BrowserPage, values: Readonly<Record<string, string>>): Promise<void> {
  const form = `[...document.forms].find(({ elements }) => ${JSON.stringify(Object.keys(values))}.every((name) => name in elements))`;
  await page.until(form);
  await page.evaluate(`{
    const form = ${form};
    for (const [name, value] of Object.entries(${JSON.stringify(values)})) form.elements[name].value = value;
    form.requestSubmit();
  }`);
}

/** Waits for the field with this label, writes into it and sends its form. */
export async function write(page: BrowserPage, label: string, text: string): Promise<void> {
  const field = `document.querySelector(${JSON.stringify(`[aria-label="${label}"]`)})`;
  await page.until(field);
  await page.evaluate(`{
    const input = ${field};
    input.value = ${JSON.stringify(text)};
    input.form.requestSubmit();
  }`);
}

export async function signUp(page: BrowserPage, login: string, name: string): Promise<void> {
  await page.until(button('Sign up'));
  await page.evaluate(`${button('Sign up')}.click()`);
  await fillIn(page, { login, password: 'a long enough password', name });
  await page.until(`document.querySelector('h1')?.textContent === ${JSON.stringify(name)}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
