import { anything, checkOptions } from '../errors/checkOptions.ts';
import { directiveNames, isSubgraph, withoutDirectives } from '../federation/directives.ts';
import { checkInputCycles } from './check/checkInputCycles.ts';
import { checkModel, warningsOf } from './check/checkModel.ts';
import { checkWholeSchema } from './check/checkWholeSchema.ts';
import { checkStandardRules } from './check/standardRules.ts';
import { compareLock, type SchemaChange } from './lock/compareLock.ts';
import { emptyLock, type Lock, nextLock } from './lock/Lock.ts';
import { withConnectionTypes } from './model/connectionTypes.ts';
import type { GrappleModel } from './model/Model.ts';
import { readModel } from './model/readModel.ts';
import { type Problem, Problems } from './parse/Problems.ts';
import { parseSources, type SchemaSource } from './parse/parseSources.ts';
import { printKvetchSchema } from './print/printKvetchSchema.ts';
import { printPents } from './print/printPents.ts';
import { printPlans } from './print/printPlans.ts';
import { type Hole, holesOf, printRootStub, printStub } from './print/printStub.ts';
import { printTypes } from './print/printTypes.ts';

/** The output for schema files: files, or all their problems. */
export interface Generated {
  /** All problems, each with its place. Where there are some, nothing else is made. */
  readonly problems: readonly Problem[];
  /** What is not wrong, but may not be meant. */
  readonly warnings: readonly Problem[];
  /** Null where there are problems. */
  readonly model: GrappleModel | null;
  /** Overwritten at each run, by path in the project; empty where there are problems. */
  readonly files: ReadonlyMap<string, string>;
  /** Written once, by path in the project. */
  readonly stubs: ReadonlyMap<string, string>;
  /** The members that hand-written classes must have. */
  readonly holes: readonly Hole[];
  /** The changes since the lock was written that concern stored data. */
  readonly changes: readonly SchemaChange[];
  /** The lock to write. Null where there are problems. */
  readonly lock: Lock | null;
}

/** The options of `generate`. */
export interface GenerateOptions {
  /** The ids and names of the last generation: `parseLock` of `grapple.lock.json`. */
  readonly lock?: Lock;
  /** The texts of hand-written code: indexes that neither it nor a field reads are warned of. */
  readonly code?: readonly string[];
}

/** Generates the files of an application from annotated SDL. Reads and writes no files. */
export function generate(sources: readonly SchemaSource[], options: GenerateOptions = {}): Generated {
  checkOptions('generate', options, { lock: anything, code: anything });
  const { lock = emptyLock, code = null } = options;
  const problems = new Problems();
  const whole = withConnectionTypes(parseSources(sources, problems), problems);
  // Unreadable parts could change the meaning of the rest.
  if (!problems.isEmpty) return failed(problems);
  if (whole.definitions.length === 0) {
    problems.inFile(sources[0]?.name ?? 'schema', 'There is no type here. Begin with "type Query { … }".');
    return failed(problems);
  }
  checkStandardRules(whole, problems);
  const document = isSubgraph(whole) ? withoutDirectives(whole, directiveNames(whole)) : whole;
  checkInputCycles(document, problems);
  if (problems.isEmpty) checkWholeSchema({ document, problems });
  const model = readModel(document, whole, problems);
  const changes = compareLock(lock, model);
  checkModel(document, model, changes, problems);
  if (!problems.isEmpty) return failed(problems);
  const files = new Map([
    ['generated/kvetchSchema.ts', printKvetchSchema(model)],
    ['generated/pents.ts', printPents(model)],
    ['generated/plans.ts', printPlans(model)],
    ['generated/schema.graphql', model.sdl],
    ['generated/types.ts', printTypes(model)],
  ]);
  const stubs = new Map(model.pents.map((pent) => [`pents/${pent.name}.ts`, printStub(pent, model)]));
  for (const root of ['Query', 'Mutation'] as const) {
    const text = printRootStub(root, model);
    if (text !== null) stubs.set(`pents/${root}.ts`, text);
  }
  return {
    problems: [],
    warnings: warningsOf(document, model, code).list,
    model,
    files,
    stubs,
    holes: holesOf(model),
    changes,
    lock: nextLock(lock, model),
  };
}

function failed(problems: Problems): Generated {
  const nothing = { warnings: [], model: null, files: new Map(), stubs: new Map(), holes: [], changes: [], lock: null };
  return { problems: problems.list, ...nothing };
}
