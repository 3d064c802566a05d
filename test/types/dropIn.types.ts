import type * as graphql from 'graphql';
import { createEngine, execute, subscribe } from '../../src/index.ts';

/** `execute` and `subscribe` go where graphql-js' go. */
export const executes: typeof graphql.execute = execute;
export const subscribes: typeof graphql.subscribe = subscribe as typeof graphql.subscribe;

declare const schema: graphql.GraphQLSchema;
const engine = createEngine({ schema });

export const bytes: Uint8Array | Promise<Uint8Array> = engine.executeToBuffer({} as never);
export const text: string | Promise<string> = engine.executeToString({} as never);
