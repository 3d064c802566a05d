/** `planql/reactive/client`: queries that stay up to date, in browsers and Node. */

export type { Answer, ResponseError } from './reactive/client/Answer.ts';
export {
  createReactiveClient,
  type MutationResult,
  type ReactiveClient,
  type ReactiveClientOptions,
} from './reactive/client/createReactiveClient.ts';
export type { Draft } from './reactive/client/Draft.ts';
export type { TypedDocument, Variables } from './reactive/client/document.ts';
export type { Snapshot, WatchedQuery } from './reactive/client/Query.ts';
export { type EventStreamOptions, eventStream } from './reactive/client/transports/eventStream.ts';
export { type PollOptions, polling } from './reactive/client/transports/polling.ts';
export type { Transport } from './reactive/client/transports/Transport.ts';
export { type WebSocketOptions, webSocket } from './reactive/client/transports/webSocket.ts';
