/** `planql/grapple`: the generator as a library. */
export { directiveSdl } from './grapple/directives.ts';
export { type Generated, type GenerateOptions, generate } from './grapple/generate.ts';
export { type Lock, parseLock, printLock } from './grapple/lock/Lock.ts';
export { type Migrated, type MigrationState, migrate } from './grapple/migrate/migrate.ts';
export { printProblem } from './grapple/parse/Problems.ts';
export { readSources } from './grapple/project/readProject.ts';
export { type Written, writeProject } from './grapple/project/writeProject.ts';
