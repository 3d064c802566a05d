/** What is the same in all servers: the todo application, its dependencies, and who hears when they change. */
import type { Server } from 'node:http';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { createEngine, type Engine } from 'planql';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext, type PentModel } from 'planql/pent';
import { type AttachedReactive, attachReactive, createReactive, memoryVersions, type Reactive } from 'planql/reactive';
import { maskErrors } from 'planql/server';
import { kvetchSchema } from '../todo/generated/kvetchSchema.ts';
import { model, schema } from '../todo/generated/plans.ts';

/** What a request is executed with. */
export type Context = {
  readonly pent: PentContext;
  /** The `extensions` of the request: they ask for dependencies. */
  readonly extensions: unknown;
  /** Who asks. Only the same subject may ask whether the answer is still so. */
  readonly subject: string;
};

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

export interface App {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  contextOf(subject: string | null, extensions: unknown): Context;
  readonly execute: Execute;
  readonly subscribe: Engine['subscribe'];
  close(): Promise<void>;
}

export { schema };

/** The subject is a bearer token, the id of a user: an application looks a session up. A WebSocket of a browser sends it in `init`. */
export function subjectOf(authorization: string | null | undefined, token: unknown = null): string | null {
  return authorization?.replace(/^Bearer /, '') ?? (typeof token === 'string' ? token : null);
}

export function createApp(pents: PentModel = model): App {
  const engine = createEngine({ schema });
  const reactive = createReactive({
    engine,
    versions: memoryVersions(), // with several servers: redisVersions({ url })
    secrets: [{ id: 'a', secret: process.env.REACTIVE_SECRET ?? 'for one process on one machine' }],
  });
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2), changes: reactive.changes });
  const run: Execute = (args) => reactive.execute({ ...args, ...(args.contextValue as Context) });
  const { execute, subscribe } = maskErrors({ execute: run, subscribe: engine.subscribe });
  return {
    ...{ kvetch, reactive, execute, subscribe },
    contextOf: (subject, extensions) => ({
      pent: new PentContext({ kvetch, model: pents, viewer: { id: subject } }),
      subject: subject ?? 'nobody',
      extensions,
    }),
    async close() {
      await reactive.close();
      await kvetch.close();
    },
  };
}

/** News of changes, beside whatever else the server does: it has its own listeners by now. */
export function attach(server: Server, { reactive }: App): Promise<AttachedReactive> {
  return attachReactive(server, {
    reactive,
    subject: ({ headers }, token) => subjectOf(headers.get('authorization'), token),
    serviceTokens: [process.env.SERVICE_TOKEN ?? 'for services on one machine'],
  });
}
