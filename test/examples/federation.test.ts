/** The subgraphs of examples/federation, composed and asked through Apollo's gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { readLock, readSources } from '../../src/grapple/project/readProject.ts';
import { repositoryRoot } from '../support/repository.ts';
import { printed } from './printed.ts';

const test = suite('examples/federation');
const folder = join(repositoryRoot, 'examples/federation');

test('generated/ is what its schema gives', () => {
  const { problems, warnings, files } = generate(readSources(folder), { lock: readLock(folder) });
  assert.equal([...problems, ...warnings], []);
  for (const [path, text] of files) assert.ok(readFileSync(join(folder, path), 'utf8').includes(text), path);
});

// Apollo's gateway runs on graphql 16 alone.
if (versionInfo.major < 17) {
  test('npm run example:federation', async () => {
    const output = await printed('example:federation');
    const [all = '', reviews = '', own = ''] = output.split('\n== ').slice(1);
    assert.match(
      all,
      /\{"title":"Tea","stars":4.5,"isBargain":true,"reviews":\[\{"text":"Green."\},\{"text":"Still green."\}\]\}/,
    );
    assert.match(all, /\{"title":"A pot","stars":2,"isBargain":false,/);
    assert.match(all, /\{"title":"A cup","stars":null,"isBargain":false,"reviews":\[\]\}/);
    assert.not.match(all, /lamp/);
    assert.match(all, 'The gateway asked shop, then reviews.');
    assert.match(all, 'Reviews were loaded 1 times.');
    assert.match(reviews, '{"text":"Dark.","product":null}');
    assert.match(reviews, 'The gateway asked reviews, then shop.');
    assert.match(own, '{"text":"Dark.","product":{"title":"A lamp that does not work yet","seller":{"name":"Kim"}}}');
    assert.not.match(output, /"errors"/);
  });
}

test.run();
