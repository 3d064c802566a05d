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

/** Seeds that differed once and whose cause no smaller case has shown. */
const onceDifferent = [300223, 400270, 801592, 803839, 802173, 814203, 824095, 828161, 832632, 839477, 873655, 1201274];

fuzz('seeds that differed once [R17 R18 R20]', async () => {
  for (const seed of onceDifferent) {
    const attempt = attemptOf(seed);
    if ((await differenceOf(attempt)) !== null) assert.unreachable(await report(attempt));
  }
});

fuzz.run();
