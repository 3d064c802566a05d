import { GraphQLError } from 'graphql';
import { encodePayloads } from '../execution/later/encodePayloads.ts';
import { abortedWhenClosed } from './abortedWhenClosed.ts';
import { selectOperation } from './prepareRequest.ts';
import type { RequestArgs } from './RequestArgs.ts';

/** The functions for requests of several parts, and for subscriptions: of an engine, or of one with masks around it. */
export interface PayloadFunctions<TArgs extends RequestArgs> {
  executeIncrementally(args: TArgs): unknown;
  subscribe(args: TArgs): unknown;
}

/** See `Engine.executeToPayloads`. */
export function payloadsOf<TArgs extends RequestArgs>(
  args: TArgs,
  functions: PayloadFunctions<TArgs>,
): AsyncGenerator<Uint8Array, void, void> {
  return abortedWhenClosed(args.abortSignal ?? null, async (abortSignal) => {
    const selected = selectOperation(args.document, args.operationName ?? null);
    const isSubscription = !(selected instanceof GraphQLError) && selected.operation.operation === 'subscription';
    const request = { ...args, abortSignal };
    const answer = isSubscription ? functions.subscribe(request) : functions.executeIncrementally(request);
    return encodePayloads((await answer) as object);
  });
}
