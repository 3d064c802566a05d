import { execute as executeWithGraphQL } from 'graphql';
import { createEngine } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { model, schema } from '../../examples/market/generated/plans.ts';
import { Root, resolverSchema } from './resolvers.ts';
import type { Asked, Screen } from './Screen.ts';

/** Answers a visit with what a server would send. */
export type Ask = (screen: Screen, asked: Asked) => Promise<Uint8Array | string>;

export type ProgramName = 'hand' | 'planql' | 'dataloader';

export interface Program {
  readonly name: ProgramName;
  readonly title: string;
  open(kvetch: Kvetch): Ask;
}

export const programs: readonly Program[] = [
  {
    name: 'hand',
    title: 'by hand',
    open: (kvetch) => async (screen, asked) =>
      JSON.stringify({ data: await screen.byHand(kvetch.forRequest(), asked) }),
  },
  {
    name: 'planql',
    title: 'planql: Pent, with privacy',
    open(kvetch) {
      const engine = createEngine({ schema });
      return async ({ document }, { variables, viewer }) => {
        const contextValue = { pent: new PentContext({ kvetch, model, viewer }) };
        return engine.executeToBuffer({ document, variableValues: variables, contextValue });
      };
    },
  },
  {
    name: 'dataloader',
    title: 'graphql-js + DataLoader',
    open:
      (kvetch) =>
      async ({ document }, { variables, viewer }) => {
        const rootValue = new Root(kvetch, viewer);
        const result = await executeWithGraphQL({
          schema: resolverSchema,
          document,
          variableValues: variables,
          rootValue,
        });
        return JSON.stringify(result);
      },
  },
];
