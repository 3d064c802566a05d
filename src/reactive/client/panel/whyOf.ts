import type { Cause } from '../FetchPlug.ts';
import type { Fetch } from './Fetch.ts';

const SENTENCES: Readonly<Record<Cause, string>> = {
  watched: 'Somebody began to watch it.',
  told: 'The server told of a change.',
  mutation: 'A mutation of this page concerns it.',
  reset: 'The server wanted all clients to fetch everything again.',
  expired: 'The server did not know the keys of its data any more.',
  refused: 'The server could not watch its data.',
  online: 'The network was back.',
  age: 'maxAgeMs had passed since it was last fetched whole.',
  live: 'The live query had ended.',
  missing: 'Some of its data was not in the store.',
  stale: 'The answer before was not up to date, or could not be watched.',
  errors: 'The answer to a part had errors, or missed an object.',
  failed: 'The attempt before had failed.',
};

/** Causes and changes as sentences. */
export function whyOf({ causes, changes, changed }: Pick<Fetch, 'causes' | 'changes' | 'changed'>): readonly string[] {
  // The version after a mutation of this page is a guess.
  const isKnown = !causes.includes('mutation');
  const lines = changes.map(({ what, from, to }) => `${what} changed${isKnown ? `: version ${from} -> ${to}` : ''}.`);
  const more = changed - changes.length;
  return [
    // What has changed says more.
    ...causes.filter((cause) => cause !== 'told' || changed === 0).map((cause) => SENTENCES[cause]),
    ...lines,
    ...(more > 0 ? [`${more} more keys changed.`] : []),
  ];
}
