/**
 * Breaks the engine in one place after the other, in a copy, and sees whether random plans find it.
 *
 *   npm run property:plans:mutants -- [--seeds N] [--only TEXT]
 *
 * Pages that are full to the last row are rare: the mutant of `pageOf` is found at seed 3591, all others before 1,000.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, MutantTree } from '../../support/MutantTree.ts';

const mutants: readonly Mutant[] = [
  {
    file: 'steps/values/coalesce.ts',
    text: 'if (!(value instanceof Exit)) return value;',
    instead: 'if (!(value instanceof Exit)) continue;',
  },
  {
    file: 'steps/lists/filter.ts',
    text: 'if (condition instanceof Failure) result.push(condition as TItem);',
    instead: 'if (condition instanceof Failure) continue;',
  },
  { file: 'steps/lists/groupBy.ts', text: 'if (isSignal(key)) return key;', instead: 'if (isSignal(key)) continue;' },
  { file: 'steps/lists/at.ts', text: 'list.at(index) ?? null', instead: 'list[index] ?? null' },
  { file: 'steps/flow/trap.ts', text: 'if (conditions !== undefined && !conditions[row]) continue;', instead: '' },
  {
    file: 'steps/load/LoadStep.ts',
    text: 'return values.length === 1 ? key :',
    instead: 'return values.length > 0 ? key :',
  },
  {
    file: 'steps/load/LoadStep.ts',
    text: 'else this.#attributes.add(String(attribute));',
    instead: "else if (attribute !== 'to') this.#attributes.add(String(attribute));",
  },
  { file: 'steps/connection/window.ts', text: 'rows.length > take', instead: 'rows.length >= take' },
  { file: 'src/schema/steps/AuthorizeStep.ts', text: 'return answer ? [item] : [];', instead: 'return [item];' },
  {
    file: 'src/step/builtin/AccessStep.ts',
    text: '[...$source.path, ...this.path]',
    instead: '[...this.path]',
  },
  {
    file: 'src/step/planItems.ts',
    text: 'for (const dependency of step.dependencies) need(graph.resolve(dependency.step).layer);',
    instead: '',
  },
  { file: 'src/step/StepGraph.ts', text: "dependency.kind === 'order' ? commonLayer(from, own) : own", instead: 'own' },
];

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '4000' }, only: { type: 'string', default: '' } },
});

const tree = new MutantTree();
try {
  for (const mutant of mutants) {
    if (!`${mutant.file} ${mutant.text}`.includes(values.only)) continue;
    if ((await tree.try(mutant, firstDifference)) === null) process.exitCode = 1;
  }
} finally {
  tree.remove();
}

/** The first seed that differs, or null. */
function firstDifference(): Promise<string | null> {
  const program = join('test', 'property', 'plans', 'run.ts');
  const args = [join('test', 'support', 'bundled.mjs'), program, '--keep-going', '--seeds', values.seeds];
  const child = spawn(process.execPath, args, { cwd: tree.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve) => {
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += chunk;
    });
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const [, seed] = /^seed (\d+) differs/m.exec(printed) ?? [];
      if (seed === undefined) return;
      child.kill();
      resolve(`seed ${seed}`);
    });
    // A process that ends by itself has found nothing, or could not go on.
    child.on('close', (code) => resolve(code === 0 ? null : 'ended'));
  });
}
