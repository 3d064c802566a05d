import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot } from '../support/repository.ts';

const test = suite('specification');

test('each statement has a number of its own', () => {
  const folder = join(repositoryRoot, 'spec');
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const numbers = files.flatMap(
    (name) => readFileSync(join(folder, name), 'utf8').match(/^\d+\.\d+\.\d+(?= )/gm) ?? [],
  );
  assert.ok(numbers.length > 200, `${numbers.length}`);
  assert.equal(
    numbers.filter((number, index) => numbers.indexOf(number) !== index),
    [],
  );
});

test.run();
