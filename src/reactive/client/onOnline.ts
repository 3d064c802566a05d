type Listen = (type: 'online', listener: () => void) => void;

/** The listeners that browsers have, and Node has not. */
const page: { readonly addEventListener?: Listen; readonly removeEventListener?: Listen } = Object(globalThis);

/** Calls whenever the device is online again, where the platform reports it. Returns a function that stops it. */
export function onOnline(listener: () => void): () => void {
  page.addEventListener?.('online', listener);
  return () => page.removeEventListener?.('online', listener);
}
