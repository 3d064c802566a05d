#!/usr/bin/env node
import { standardSteps } from '../steps/standardSteps.ts';
import { grappleCommands } from './cli/grapple/grappleCommands.ts';
import { planqlProgram } from './cli/planqlProgram.ts';
import { doctorCommand } from './cli/reactive/doctorCommand.ts';
import { invalidationServer } from './cli/reactive/invalidationServer.ts';
import { runProgram } from './cli/runProgram.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

registerOwnSteps(...standardSteps);

const program = {
  ...planqlProgram,
  commands: [...grappleCommands, ...planqlProgram.commands, doctorCommand, invalidationServer],
};
runProgram(program);
