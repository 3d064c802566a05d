import { checkPlans } from './plans/checkPlans.ts';
import { diffPlans } from './plans/diffPlans.ts';
import { explainOperation } from './plans/explainOperation.ts';
import { exportPlans } from './plans/exportPlans.ts';
import type { Program } from './runCommand.ts';

/** The commands of `planql`. */
export const planqlProgram: Program = {
  name: 'planql',
  commands: [exportPlans, checkPlans, diffPlans, explainOperation],
};
