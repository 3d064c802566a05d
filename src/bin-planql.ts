#!/usr/bin/env node
import { standardSteps } from '../steps/standardSteps.ts';
import { planqlProgram } from './cli/planqlProgram.ts';
import { runCommand } from './cli/runCommand.ts';
import { registerSteps } from './step/stepClasses.ts';

registerSteps(...standardSteps);

runCommand(planqlProgram, process.argv.slice(2), console.log).then((code) => {
  process.exitCode = code;
});
