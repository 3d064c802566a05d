import fc from 'fast-check';
import { type ExecutionResult, execute as executeWithGraphQL, type GraphQLSchema, parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch } from 'planql/kvetch';
import { type Operation, operation, textOf } from './operation.ts';
import { planSchemaOf } from './plans.ts';
import { type Fault, Rounds } from './Rounds.ts';
import { resolverSchemaOf, WorldLoaders } from './resolvers.ts';
import { type Stored, storeWorld, VIEWER_SEES, type World, world } from './world.ts';

export interface Attempt {
  readonly world: World;
  readonly operation: Operation;
}

export const attempt: fc.Arbitrary<Attempt> = fc.record({ world, operation });

/** `again`: ahead, by a process that has answered the same before, and guesses what lists name. */
type Mode = 'ahead' | 'again' | 'in turn';

interface Run {
  readonly answer: string;
  readonly dependencies: string;
  readonly rounds: Rounds;
  /** Keys that were asked for ahead of their turn and not needed. */
  readonly wasted: number;
}

/** Says how an attempt breaks a promise of spec/10-loads.md, or null. */
export async function problemOf({ world, operation }: Attempt): Promise<string | null> {
  const stored = await storeWorld(world);
  const document = parse(textOf(world, stored, operation));
  const planSchema = planSchemaOf(world);
  const byPlans = (fault: Fault, mode: Mode) => runPlans(planSchema, stored, document, fault, mode);
  const ahead = await byPlans({}, 'ahead');
  const inTurn = await byPlans({}, 'in turn');
  const resolvers = await runResolvers(world, stored, document);
  if (ahead.answer !== resolvers.answer) return `answers differ:\n${ahead.answer}\n${resolvers.answer}`;
  const more = moreThan(resolvers, ahead, 'ahead') ?? moreThan(resolvers, inTurn, null);
  if (more !== null) return more;
  const again = await byPlans({}, 'again');
  if (again.rounds.rounds > ahead.rounds.rounds)
    return `${again.rounds.rounds} rounds when it is asked again, ${ahead.rounds.rounds} before`;
  const different = difference(ahead, inTurn) ?? difference(again, inTurn);
  if (different !== null) return different;
  const all = new Set([...ahead.rounds.calls, ...inTurn.rounds.calls].flat());
  for (const key of all) {
    if (hasOtherAnswer(key, all)) continue;
    const keys = new Set([key]);
    const failing = await byPlans({ keys }, 'in turn');
    const problem = difference(await byPlans({ keys }, 'ahead'), failing);
    if (problem !== null) return `where ${key} fails, ${problem}`;
    const guessed = difference(await byPlans({ keys }, 'again'), failing);
    if (guessed !== null) return `where ${key} fails when it is asked again, ${guessed}`;
  }
  // Of windows of one list some may be asked for ahead, and others be answered by them: a call may be for both.
  if (operation.first === null) return null;
  return (
    (await problemOfCalls('ahead', ahead.rounds.calls.length, byPlans, all)) ??
    (await problemOfCalls('again', again.rounds.calls.length, byPlans, all))
  );
}

/** Lets one call after the other fail as a whole. */
async function problemOfCalls(
  mode: Mode,
  calls: number,
  byPlans: (fault: Fault, mode: Mode) => Promise<Run>,
  all: ReadonlySet<string>,
): Promise<string | null> {
  for (let call = 0; call < calls; call++) {
    const failed = await byPlans({ call }, mode);
    // What was needed failed for good; what was not was asked for again, if anybody needed it.
    const [asked, ...later] = failed.rounds.calls.slice(call);
    const again = new Set(later.flat());
    const keys = new Set(asked?.filter((key) => !again.has(key)));
    if ([...keys].some((key) => hasOtherAnswer(key, all))) continue;
    const problem = difference(failed, await byPlans({ keys }, 'in turn'));
    if (problem !== null) return `where call ${call} fails ${mode} (${[...keys].join()}), ${problem}`;
  }
  return null;
}

/** A list that was read from end to end answers its count (10.1.3): whether a count fails depends on what came first. */
function hasOtherAnswer(key: string, all: ReadonlySet<string>): boolean {
  return key.startsWith('count ') && all.has(`${key.replace('count', 'page')} null`);
}

/** Not what depends on the request alone: plans load that at once, rows or not (R4); resolvers when they have a row. */
const isOfRows = (key: string): boolean => !key.startsWith(`page ${VIEWER_SEES} `);

function moreThan(resolvers: Run, plans: Run, isAhead: 'ahead' | null): string | null {
  const mode = isAhead ?? 'in turn';
  if (isAhead !== null && plans.rounds.rounds > resolvers.rounds.rounds) {
    return `plans ${mode} make ${plans.rounds.rounds} rounds, resolvers ${resolvers.rounds.rounds}`;
  }
  const needed = plans.rounds.count(isOfRows) - plans.wasted;
  const asked = resolvers.rounds.count(isOfRows);
  return needed > asked ? `plans ${mode} ask for ${needed} keys, resolvers for ${asked}` : null;
}

function difference(ahead: Run, inTurn: Run): string | null {
  if (ahead.answer !== inTurn.answer) return `answers differ, ahead and in turn:\n${ahead.answer}\n${inTurn.answer}`;
  // What lies below a null may have been read or not.
  return ahead.dependencies === inTurn.dependencies || ahead.answer.includes(NULL_ABOVE)
    ? null
    : `dependencies differ, ahead and in turn:\n${ahead.dependencies}\n${inTurn.dependencies}`;
}

type Document = ReturnType<typeof parse>;

async function runPlans(
  schema: GraphQLSchema,
  stored: Stored,
  document: Document,
  fault: Fault,
  mode: Mode,
): Promise<Run> {
  const rounds = new Rounds();
  const kvetch = createKvetch({ schema: stored.schema, shards: stored.shards.map((store) => rounds.wrap(store)) });
  const inTurn = mode === 'in turn';
  // Compiled runs answer as the driver does, and start the same.
  const engine = createEngine({
    schema,
    limits: inTurn ? { speculation: false } : {},
    codegen: inTurn ? 'never' : 'always',
  });
  let dependencies = new Set<string>();
  const ask = (): Promise<ExecutionResult> =>
    engine.execute({
      document,
      contextValue: { kvetch, viewerId: stored.viewerId },
      recordDependency: (key: string) => dependencies.add(key),
    } as never) as Promise<ExecutionResult>;
  if (mode === 'again') await ask();
  dependencies = new Set();
  kvetch.stats.reset();
  rounds.begin(fault);
  const result = await ask();
  return {
    answer: comparable(result),
    dependencies: [...dependencies].sort().join('\n'),
    rounds,
    wasted: kvetch.stats.aheadWasted,
  };
}

async function runResolvers(world: World, stored: Stored, document: Document): Promise<Run> {
  const rounds = new Rounds();
  const kvetch = createKvetch({ schema: stored.schema, shards: stored.shards.map((store) => rounds.wrap(store)) });
  const contextValue = new WorldLoaders(world, kvetch, stored.viewerId);
  const result = await executeWithGraphQL({ schema: resolverSchemaOf(world), document, contextValue });
  return { answer: comparable(result), dependencies: '', rounds, wasted: 0 };
}

const NULL_ABOVE = 'null above ';

/**
 * The answer as text. Of several errors that may have made one position null, which are told depends on what comes first
 * (4.12.15): they are told as one.
 */
function comparable({ data, errors = [] }: ExecutionResult): string {
  const told = errors.map(({ message, path = [], locations }) => {
    let value: unknown = data;
    let depth = 0;
    while (value !== null && depth < path.length) value = (value as Record<string, unknown>)[path[depth++] as string];
    return depth === path.length
      ? JSON.stringify({ message, path, locations })
      : `${NULL_ABOVE}${path.slice(0, depth).join('.')}`;
  });
  return [JSON.stringify(data), ...[...new Set(told)].sort()].join('\n');
}

/** What one sees of an attempt. */
export async function described(one: Attempt): Promise<string> {
  return `${JSON.stringify(one)}\n${textOf(one.world, await storeWorld(one.world), one.operation)}`;
}
