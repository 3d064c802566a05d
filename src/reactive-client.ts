/** `planql/reactive/client`: queries that stay up to date, in browsers and Node. */

export type { Answer, ResponseError } from './reactive/client/Answer.ts';
export type { AstNode } from './reactive/client/ast.ts';
export {
  createReactiveClient,
  type MutateOptions,
  type MutationResult,
  type ReactiveClient,
  type ReactiveClientOptions,
  type WatchOptions,
} from './reactive/client/createReactiveClient.ts';
export type { Draft } from './reactive/client/Draft.ts';
export type { TypedDocument, Variables } from './reactive/client/document.ts';
export type { HeldSet, NewVersions } from './reactive/client/HeldSet.ts';
export type { LiveSource } from './reactive/client/liveWatch.ts';
export type { MakeDocument, PartDocument, PartRequest } from './reactive/client/parts.ts';
export type { Snapshot, WatchedQuery } from './reactive/client/Query.ts';
export type { JsonObject, PossibleTypes } from './reactive/client/Selection.ts';
export type { GraphQLRequest, SendOptions } from './reactive/client/send.ts';
export type { BackOffOptions } from './reactive/client/transports/backOff.ts';
export { type EventStreamOptions, eventStream } from './reactive/client/transports/eventStream.ts';
export { type PollOptions, polling } from './reactive/client/transports/polling.ts';
export type { Connection, Transport, TransportEvents } from './reactive/client/transports/Transport.ts';
export { type ClientSocket, type WebSocketOptions, webSocket } from './reactive/client/transports/webSocket.ts';
