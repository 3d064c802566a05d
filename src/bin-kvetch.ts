#!/usr/bin/env node
import { kvetchProgram } from './cli/kvetch/kvetchProgram.ts';
import { runProgram } from './cli/runProgram.ts';

runProgram(kvetchProgram);
