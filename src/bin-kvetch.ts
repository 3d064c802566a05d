#!/usr/bin/env node
import { kvetchProgram } from './cli/kvetch/kvetchProgram.ts';
import { runCommand } from './cli/runCommand.ts';

runCommand(kvetchProgram, process.argv.slice(2), console.log).then((code) => {
  process.exitCode = code;
});
