import { inspect } from 'node:util';
import { type Attempt, differenceOf, setUp } from './attempt.ts';
import { shrink } from './shrink.ts';

/** A failing attempt, made small, as text: all that is needed to understand it. */
export async function report(failing: Attempt): Promise<string> {
  const small = await shrink(failing);
  const { sdl, operation } = setUp(small);
  const difference = await differenceOf(small);
  return [
    `seed ${small.seed}`,
    sdl,
    operation.text,
    `variables ${JSON.stringify(operation.variables)}`,
    `knobs ${inspect(small.knobs, { breakLength: 200 })}`,
    `resolution and modes follow from the seed`,
    `road: ${difference?.road}`,
    difference?.message,
  ].join('\n\n');
}
