/** `planql/reactive/client/documents`: refetches for servers that speak the protocol and do not know `refetch`. */

export { refetchByDocument } from './reactive/client/refetchByDocument.ts';
