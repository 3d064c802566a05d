import { hasCode } from '../utils/hasCode.ts';
import { type Program, runCommand } from './runCommand.ts';

/** Runs a program for the arguments of this process. */
export async function runProgram(program: Program): Promise<void> {
  let isUnheard = false;
  // once nobody takes what is printed (`| head`, a full disk), the work ends as it does on Ctrl-C
  process.stdout.on('error', (error) => {
    if (isUnheard) return;
    isUnheard = true;
    if (!hasCode(error, 'EPIPE')) console.error(error.message);
    const isAwaited = process.stdout.listenerCount('error') > 1; // work ends by itself
    if (!isAwaited && !process.emit('SIGINT')) process.exit(1);
  });
  process.stderr.on('error', () => {}); // a terminal that is closed ends no work
  const code = await runCommand(program, process.argv.slice(2), console.log, console.error);
  // what a configuration holds open, such as a client of Redis, does not keep the program from its end
  const end = (error?: Error | null): void => process.exit(isUnheard || error ? 1 : code);
  process.stdout.write('', (error) => process.stderr.write('', () => end(error)));
}
