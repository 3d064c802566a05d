/** Queries that stay up to date while the page shows them, and mutations. */
import { createReactiveClient, webSocket } from 'planql/reactive/client';
import { reactiveHooks } from 'planql/reactive/react';
import { useCallback, useState } from 'react';

let lastChange = Promise.resolve();

/** Changes reach the server in the order of the clicks: requests side by side may overtake each other. */
function fetchInOrder(url, options) {
  if (!JSON.parse(options.body).query?.startsWith('mutation')) return fetch(url, options);
  const answer = lastChange.then(() => fetch(url, options));
  lastChange = answer.catch(() => undefined);
  return answer;
}

const client = createReactiveClient({
  url: '/graphql',
  fetch: fetchInOrder,
  transport: webSocket({ url: `${location.origin.replace('http', 'ws')}/deps/socket` }),
  onError(error) {
    // The session is over, here or by "sign out everywhere" elsewhere: nothing of the viewer stays on the page.
    if (error.code === 4401) location.reload();
    else console.warn(error);
  },
});

/** `useLive(document, variables)`: `{ status, data, error }` of a query. Everybody's changes are in it within moments. */
export const { useLive } = reactiveHooks(client);

/** `[change, error]`: `change(mutation, variables)` runs a mutation and returns its data, or null where it was refused. What went wrong with the last one is a text for people. */
export function useChange() {
  const [error, setError] = useState(null);
  const change = useCallback(async (mutation, variables, options) => {
    try {
      const { data, errors = [] } = await client.mutate(mutation, variables, options);
      setError(errors.length === 0 ? null : errors.map(({ message }) => message).join(' '));
      return errors.length === 0 ? data : null;
    } catch (failure) {
      setError(`Not saved: ${failure.message}`);
      return null;
    }
  }, []);
  return [change, error];
}
