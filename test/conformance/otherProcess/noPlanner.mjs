// Takes the planner from a process: what of it others import does not work, and all else of it cannot be loaded.
//   node --import tsx --import ./test/conformance/otherProcess/noPlanner.mjs ...
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const standIns = {
  'src/engine/planOperation.ts': `
    const noPlanner = () => { throw new Error('This process has no planner.'); };
    export { noPlanner as planOperation, noPlanner as findPlaces };
  `,
  'src/planner/standardPasses.ts': 'export const standardPasses = []; export const passNames = new Set();',
};

/** The load hook (this file is its own hook module). */
export async function load(url, context, nextLoad) {
  const path = url.split('?')[0];
  const name = Object.keys(standIns).find((suffix) => path.endsWith(`/${suffix}`));
  if (name !== undefined) return { format: 'module', shortCircuit: true, source: standIns[name] };
  // The limits' error has its name in the package's index.
  if (/\/src\/planner\/(?!limits\.ts$)/.test(path))
    throw new Error(`${url} is of the planner, which this process has not.`);
  return nextLoad(url, context);
}

if (isMainThread) register(import.meta.url);
