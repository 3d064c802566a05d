import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attemptOf, differenceOf } from './attempt.ts';
import { report } from './report.ts';

const seeds = Number(process.env.FUZZ_SEEDS ?? 800);

const fuzz = suite('random schemas, data and operations');

fuzz(`${seeds} seeds without a difference from graphql-js [R13 R17 R20 R21]`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const attempt = attemptOf(seed);
    if ((await differenceOf(attempt)) !== null) assert.unreachable(await report(attempt));
  }
});

fuzz.run();
