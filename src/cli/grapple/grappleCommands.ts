import type { Command } from '../Command.ts';
import { diffCommand, migrateCommand } from './evolveCommands.ts';
import { checkCommand, generateCommand } from './generateCommand.ts';
import { initCommand } from './initCommand.ts';
import { devCommand, watchCommand } from './watchCommands.ts';

/** The commands of `planql` for applications that Grapple generates. */
export const grappleCommands: readonly Command[] = [
  initCommand,
  generateCommand,
  checkCommand,
  diffCommand,
  migrateCommand,
  watchCommand,
  devCommand,
];
