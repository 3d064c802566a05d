import type { Mutant } from '../support/MutantTree.ts';

/** A mutant, and the tests that find it. */
export interface KnownMutant extends Mutant {
  readonly tests: readonly string[];
}

/** Mutants of execution and loads that no test found at first. `npm run mutants` tries them. */
export const knownMutants: readonly KnownMutant[] = [
  {
    file: 'src/execution/compiled/AskedKeys.ts',
    text: 'if (of === family) load.answered(values, () => entries, this.#context());',
    instead: 'void [load, of, values, entries];',
    tests: ['execution/compiledRuns'],
  },
  {
    file: 'src/execution/state/Unwatched.ts',
    text: '  if (seen !== changes) {',
    instead: '  if (seen < 0) {',
    tests: ['execution/watchedLists', 'execution/waitingRuns'],
  },
  {
    file: 'src/execution/writer/ResponseState.ts',
    text: 'if (prototype !== Failure.prototype && prototype !== Exit.prototype) this.known = prototype;',
    instead: 'this.known = prototype;',
    tests: ['execution/holes', 'conformance/oddValues', 'execution/waitingRuns'],
  },
];
