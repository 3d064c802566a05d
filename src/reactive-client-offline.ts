/** `planql/reactive/client/offline`: mutations that wait for a connection, and answers for the next page, also through reloads. */

export { type Offline, type OfflineOptions, offline } from './reactive/client/offline/offline.ts';
