import { useSyncExternalStore } from 'react';

/** A query that the component shows, kept up to date while it does. */
export function useWatched(client, document, variables) {
  const { subscribe, getSnapshot } = client.watch(document, variables);
  return useSyncExternalStore(subscribe, getSnapshot);
}
