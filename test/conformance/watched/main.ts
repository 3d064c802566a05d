/** Runs the places from a number on, and says of each when it is done. Ends as any process does when a rejection is left unhandled. */
import { places } from './places.ts';

const TURNS = 6;

for (let index = Number(process.argv[2] ?? 0); index < places.length; index++) {
  await places[index]?.run();
  // Rejections are told of at the end of a turn, timers of 3 ms included.
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  process.stdout.write(`${index}\n`);
}
process.exit(0);
