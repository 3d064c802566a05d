import { execute as executeWithGraphQL } from 'graphql';
import { createEngine, type EngineOptions } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { issueTableByHand } from '../../../examples/issue-tracker/byHand.ts';
import { Loaders } from '../../../examples/issue-tracker/resolvers.ts';
import { resolverSchema, schema } from '../../../examples/issue-tracker/schema.ts';
import { issueTable } from '../../../examples/issue-tracker/views.ts';

/** Answers one request with the text or bytes that a server would send. */
type Ask = (key: string, viewerId: string) => Promise<Uint8Array | string>;

/** One way to answer the table of issues. */
export interface IssueProgram {
  readonly name: string;
  readonly title: string;
  /** Whether its requests share calls of the store (`createKvetch({ batching: true })`). */
  readonly isShared: boolean;
  open(kvetch: Kvetch): Ask;
}

const plans = (limits: EngineOptions['limits']) => (kvetch: Kvetch) => {
  const engine = createEngine({ schema, ...(limits && { limits }) });
  return async (key: string, viewerId: string) =>
    engine.executeToBuffer({ document: issueTable, variableValues: { key }, contextValue: { kvetch, viewerId } });
};

const resolvers = (storeOf: (kvetch: Kvetch) => Kvetch) => (kvetch: Kvetch) => async (key: string, viewerId: string) =>
  JSON.stringify(
    await executeWithGraphQL({
      schema: resolverSchema,
      document: issueTable,
      variableValues: { key },
      contextValue: new Loaders(storeOf(kvetch), viewerId),
    }),
  );

const byHand = (kvetch: Kvetch) => async (key: string, viewerId: string) =>
  JSON.stringify(await issueTableByHand(kvetch.forRequest(), key, viewerId));

const alone = { isShared: false } as const;

export const issuePrograms: readonly IssueProgram[] = [
  { ...alone, name: 'hand', title: 'by hand, fewest rounds', open: byHand },
  { ...alone, name: 'planql', title: 'planql', open: plans(undefined) },
  { ...alone, name: 'planql-in-turn', title: 'planql, nothing ahead', open: plans({ speculation: false }) },
  { ...alone, name: 'dataloader', title: 'graphql-js + DataLoader', open: resolvers((kvetch) => kvetch) },
  {
    ...alone,
    name: 'dataloader-scoped',
    title: 'the same, with forRequest()',
    open: resolvers((kvetch) => kvetch.forRequest()),
  },
  { name: 'planql-shared', title: 'planql, requests share calls', isShared: true, open: plans(undefined) },
  { name: 'hand-shared', title: 'by hand, requests share calls', isShared: true, open: byHand },
];

export function issueProgramNamed(name: string): IssueProgram {
  const program = issuePrograms.find((one) => one.name === name);
  if (program === undefined) throw new Error(`There is no program ${JSON.stringify(name)}.`);
  return program;
}
