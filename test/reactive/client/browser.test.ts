/** `planql/reactive/client` as pages load it. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { budgets } from '../../package/budgets.ts';
import { repositoryRoot } from '../../support/repository.ts';

const test = suite('planql/reactive/client for browsers');

test('it is built for browsers without any package or module of Node, and is small (issue 18)', async () => {
  const { outputFiles, metafile } = await build({
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, metafile: true },
    ...{ absWorkingDir: repositoryRoot, entryPoints: ['src/reactive-client.ts'] },
  });
  const [output] = outputFiles;
  const inputs = Object.keys(metafile.inputs);
  assert.equal(
    inputs.filter((file) => !/^src\/(reactive-client\.ts|reactive\/client\/|utils\/)/.test(file)),
    [],
  );
  const bytes = gzipSync(output?.contents ?? '').length;
  assert.ok(bytes > 1000 && bytes <= budgets.clientGzipBytes, `${bytes} bytes gzipped`);
});

test.run();
