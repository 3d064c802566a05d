/**
 * The code blocks of each guide in docs/ are one program, in their order; it prints what the text blocks below them
 * say. `UPDATE_DOCS=1` writes what it prints into the guides.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { startRedis } from '../support/redisServer.ts';
import { reported } from '../support/reported.ts';
import { readSource, repositoryRoot } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';

const CUT = '\u0001';
const program = /^```ts\n([\s\S]*?)\n```(?:\n\n```text\n([\s\S]*?)\n```)?$/gm;

const test = suite('guides');
// Inside the repository, so that "planql" means these sources.
const folder = join(repositoryRoot, '.tmp', `docs-${process.pid}`);
const guides = readdirSync(join(repositoryRoot, 'docs')).filter((name) => name.endsWith('.md'));

/** Examples find what lies beside them, as if they were not bundled. */
const inPlace: Plugin = {
  name: 'in place',
  setup: ({ onLoad }) =>
    onLoad({ filter: /examples\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    })),
};

/** Writes the program of each guide, and bundles them: they share what they load. */
test.before(
  reported(async () => {
    mkdirSync(folder, { recursive: true });
    const programs = guides.map((guide) => {
      const blocks = blocksOf(readSource(`docs/${guide}`));
      const file = join(folder, `${guide}.mts`);
      writeFileSync(file, blocks.map(({ code }) => `${code}\nconsole.log('${CUT}');`).join('\n'));
      return file;
    });
    await build({
      ...{ entryPoints: programs, outdir: folder, outExtension: { '.js': '.mjs' }, bundle: true, splitting: true },
      ...{ format: 'esm', platform: 'node', packages: 'external', keepNames: true, logLevel: 'error' },
      plugins: [inPlace],
    });
  }),
);
test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('there are guides', () => {
  assert.ok(guides.length > 0);
});

for (const guide of guides) {
  const text = readSource(`docs/${guide}`);
  const blocks = blocksOf(text);
  test(`no block of code is swallowed by an empty output: ${guide}`, () => {
    assert.is(blocks.length, text.match(/^```ts$/gm)?.length ?? 0);
    assert.is(
      blocks.find(({ output }) => /^```/m.test(output)),
      undefined,
    );
    assert.not.match(text, /^```text\n```$/m);
  });
  if (blocks.length > 0) {
    test(`runs: ${guide}`, () => {
      const printed = outputs(guide);
      if (process.env.UPDATE_DOCS) return update(guide, text, printed);
      compare(guide, blocks, printed);
    });
  }
}

/** What of the repository is in the package, as `files` of package.json says. */
const { files: shipped } = JSON.parse(readSource('package.json')) as { files: string[] };
const isShipped = (file: string): boolean =>
  !shipped.some((entry) => entry.startsWith('!') && `${file}/`.startsWith(`${entry.slice(1)}/`)) &&
  shipped.some((entry) => {
    const [folder = '', name = ''] = entry.split('**/*');
    // npm packs the README unasked.
    return (
      file === entry ||
      file === 'README.md' ||
      (file.startsWith(`${folder.replace(/\/$/, '')}/`) && file.endsWith(name))
    );
  });

/** The anchors of a page, as GitHub and npm make them of its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readSource(page).replace(/^```[\s\S]*?^```/gm, '');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  return new Set(headings.map((heading) => heading.replace(/[^\p{L}\d_ -]/gu, '').replaceAll(' ', '-')));
}

for (const page of ['README.md', 'CHANGELOG.md', ...guides.map((guide) => `docs/${guide}`)]) {
  test(`links of ${page} lead to files of the package`, () => {
    for (const [, target = '', anchor] of readSource(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const file = target === '' ? page : join(dirname(page), target);
      assert.ok(existsSync(join(repositoryRoot, file)), `${page} links to ${target}, which is not there.`);
      assert.ok(isShipped(file), `${page} links to ${target}, which is not in the package.`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(file).has(anchor), `${page} links to #${anchor} of ${file}, which has no such heading.`);
    }
  });
}

const mysql = await mysqlForTests();
needs(
  test,
  mysql,
  'redis-server',
)('runs on two databases and a Redis: kvetch-in-production.md', async () => {
  const redis = await startRedis();
  const blocks = blocksOf(readSource('docs/kvetch-in-production.md'));
  const databases = [1, 2].map(() => `${mysql.uri}/${mysql.newDatabase()}`);
  const variables = { KVETCH_MYSQL: databases.join(), KVETCH_REDIS: redis.url };
  try {
    compare('kvetch-in-production.md', blocks, outputs('kvetch-in-production.md', variables));
  } finally {
    await redis.kill();
  }
});

interface Block {
  readonly code: string;
  readonly output: string;
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(program)].map(([, code = '', output = '']) => ({ code, output }));
}

function compare(guide: string, blocks: readonly Block[], printed: readonly string[]): void {
  blocks.forEach(({ code, output }, at) => {
    assert.is(printed[at], output, `docs/${guide}, the block that begins with: ${code.slice(0, 80)}`);
  });
}

/** What each block prints. */
function outputs(guide: string, variables: NodeJS.ProcessEnv = {}): string[] {
  const printed = execFileSync(process.execPath, [...process.execArgv, join(folder, `${guide}.mjs`)], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
  return printed.split(`${CUT}\n`).map((output) => output.trimEnd());
}

function update(guide: string, text: string, printed: readonly string[]): void {
  let at = 0;
  const updated = text.replace(program, (_block, code: string) => {
    const output = printed[at++];
    return `\`\`\`ts\n${code}\n\`\`\`${output === '' ? '' : `\n\n\`\`\`text\n${output}\n\`\`\``}`;
  });
  writeFileSync(join(repositoryRoot, 'docs', guide), updated);
}

test.run();
