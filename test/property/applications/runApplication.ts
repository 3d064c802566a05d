import { ApplicationRun, type RunOptions } from './ApplicationRun.ts';
import { creates, pickAction, plainWrites } from './actions.ts';
import { ask } from './ask.ts';
import { takeCleaned } from './cleaning.ts';
import { Difference } from './compare.ts';

/** What was done in a run without a difference. */
export interface RunReport {
  readonly asked: number;
  readonly written: number;
  readonly refused: number;
  /** Whether lists were declared while there was data. */
  readonly isEvolved: boolean;
  /** What privacy rules and observers failed with. */
  readonly failures: readonly string[];
}

/** Steps that only create. */
const FILLING = 25;
/** The step after which the first viewer is an object of the store. */
const SIGN_IN = 30;
/** The step after which lists are declared that were not there before. */
const EVOLUTION = 90;

/** Runs a random application; throws a `Difference` where it does otherwise than the oracle. */
export async function runApplication(options: RunOptions): Promise<RunReport> {
  const run = await ApplicationRun.open(options);
  try {
    for (let step = 0; step < options.steps; step++) await runStep(run, step);
  } catch (error) {
    if (error instanceof Difference) throw error;
    throw new Error(`${(error as Error).stack}\n${run.place()}`);
  } finally {
    await run.kvetches[0]?.close().catch(() => {});
  }
  const failures = run.failures.filter((text) => !text.startsWith('Privacy rules ask in a circle'));
  return { ...run.counts, isEvolved: run.later !== null && options.steps > EVOLUTION, failures };
}

async function runStep(run: ApplicationRun, step: number): Promise<void> {
  const { random } = run;
  run.elapse(2);
  if (step < FILLING) await random.pick(creates)(run);
  else if (random.chance(0.45)) await pickAction(random)(run);
  else {
    // documents come into use one after another, and are asked again
    const asked = random.pick(run.documents.slice(0, 4 + Math.floor(step / 30)));
    await ask(run, asked, random.pick(run.viewers));
  }
  if (step === EVOLUTION && run.later !== null) await evolve(run);
  if (step === SIGN_IN) signIn(run);
}

/** New lists come as they should: all processes know of them and have written before a cleaner builds them. */
async function evolve(run: ApplicationRun): Promise<void> {
  await run.evolve();
  for (let n = 0; n < 6; n++) await run.random.pick(plainWrites)(run);
  run.elapse(60_000);
  for (const one of run.kvetches) await one.clean();
  await takeCleaned(run);
}

function signIn(run: ApplicationRun): void {
  const [type] = run.application.types;
  const [own] = type === undefined ? [] : run.live(type);
  if (own === undefined) return;
  run.viewers[0] = { name: 'ann', id: own.id };
  run.viewers.push({ name: 'cid', id: own.id });
}
