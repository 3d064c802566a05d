#!/usr/bin/env node
import { standardSteps } from '../steps/standardSteps.ts';
import { grappleCommands } from './cli/grapple/grappleCommands.ts';
import { planqlProgram } from './cli/planqlProgram.ts';
import { invalidationServer } from './cli/reactive/invalidationServer.ts';
import { runCommand } from './cli/runCommand.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

registerOwnSteps(...standardSteps);

const program = { ...planqlProgram, commands: [...grappleCommands, ...planqlProgram.commands, invalidationServer] };
runCommand(program, process.argv.slice(2), console.log).then((code) => {
  process.exitCode = code;
});
