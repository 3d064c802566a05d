import type { Program } from '../runCommand.ts';
import { changes } from './changes.ts';
import { check } from './check.ts';
import { clean } from './clean.ts';
import { dashboard } from './dashboard.ts';
import { doctor } from './doctor.ts';
import { exportData } from './export.ts';
import { importData } from './import.ts';
import { init } from './init.ts';
import { kvetchCommand } from './kvetchCommand.ts';
import { move } from './move.ts';
import { stats } from './stats.ts';
import { top } from './top.ts';
import { views } from './views.ts';

/** The commands of `kvetch`. */
export const kvetchProgram: Program = {
  name: 'kvetch',
  commands: [
    ...Object.entries({
      init,
      check,
      clean,
      changes,
      move,
      stats,
      export: exportData,
      import: importData,
      views,
      doctor,
      top,
    }).map(([name, action]) => kvetchCommand(name, action)),
    dashboard,
  ],
};
