import type { Broken } from './Server.ts';

/** The size of a run, and its seeds, as given on the command line. */
export interface Given {
  readonly servers: string;
  readonly programs: string;
  readonly users: string;
  readonly seconds: string;
  readonly seeds: string;
  readonly cached?: boolean;
}

const small: Partial<Given> = { servers: '3', users: '6', seconds: '15', seeds: '1-20' };

/** Each check that can be taken out, with the runs that find it missing. */
export const guards: Readonly<Record<Broken, Partial<Given>>> = {
  fence: small,
  freeze: small,
  mover: small,
  epoch: small,
  claims: small,
  turns: small,
  purge: small,
  sweep: small,
  lease: small,
  life: small,
  notes: small,
};
