import type { Program } from '../runCommand.ts';
import { check } from './check.ts';
import { clean } from './clean.ts';
import { init } from './init.ts';
import { kvetchCommand } from './kvetchCommand.ts';
import { move } from './move.ts';
import { stats } from './stats.ts';

/** What `kvetch` can be told to do. */
export const kvetchProgram: Program = {
  name: 'kvetch',
  commands: Object.entries({ init, check, clean, move, stats }).map(([name, action]) => kvetchCommand(name, action)),
};
