/** Lists of any length are not spread into calls: arguments lie on the stack, and some 120,000 of them are a RangeError. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, sourceFilesIn } from '../support/repository.ts';

const SPREAD =
  /\.(?:push|unshift)\((?:[^(){}[\]]*, )?\.\.\.|\.splice\([^()]*\.\.\.|\.(?:fromCharCode|fromCodePoint)\([^()]*\.\.\.|\.(?:push|unshift|splice|max|min|fromCharCode|fromCodePoint)\.apply\(/;

/** Lists that are short whatever a request or a store holds. */
const SHORT: Readonly<Record<string, string>> = {
  'src/kvetch/writes/ObjectLines.ts': 'at most MAX_JOINED changes',
  'src/planner/lower/PlanWriter.ts': 'the path that a plan resolver wrote',
};

const test = suite('long lists');

test('no list of any length is spread into a call', () => {
  const found = [...sourceFilesIn('src'), ...sourceFilesIn('steps')].flatMap((file) =>
    readSource(file)
      .split('\n')
      .flatMap((line, index) => (SPREAD.test(line) ? [[file, `${file}:${index + 1}: ${line.trim()}`] as const] : [])),
  );
  assert.equal(
    found.filter(([file]) => SHORT[file] === undefined).map(([, place]) => place),
    [],
    'use appendAll, or a loop',
  );
  assert.equal(
    Object.keys(SHORT).filter((file) => !found.some(([at]) => at === file)),
    [],
    'exceptions that are none',
  );
});

test.run();
