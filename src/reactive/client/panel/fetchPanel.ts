import { badOption, checkKeys } from '../../../utils/checkKeys.ts';
import type { FetchPlug } from '../FetchPlug.ts';
import type { Fetch } from './Fetch.ts';
import { FetchLog } from './FetchLog.ts';
import { showPanel } from './showPanel.ts';

/** The options of `fetchPanel`. */
interface FetchPanelOptions {
  /**
   * Whether it works in production, too. Default false: where `process.env.NODE_ENV` is `production`, or nothing says what it is,
   * as in a page without a bundler, nothing is noted or shown.
   */
  readonly inProduction?: boolean;
  /** How many fetches are kept; the oldest go first. Default 200. */
  readonly maxFetches?: number;
}

/** The last fetches of the clients that it was given to. */
interface FetchPanel extends FetchPlug {
  /** Calls when there is another fetch, or one has ended, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The fetches, the newest first, as plain data. The same list until something has changed. */
  readonly getSnapshot: () => readonly Fetch[];
}

/**
 * Makes the option `panel` of `createReactiveClient`: it notes why queries are fetched, and shows it in a corner of the page. For
 * development. Several clients of a page may have the same one.
 *
 * @throws TypeError with the code `BAD_OPTION`.
 */
export function fetchPanel(options: FetchPanelOptions = {}): FetchPanel {
  checkKeys('fetchPanel', options, 'inProduction maxFetches');
  const { inProduction = false, maxFetches = 200 } = options;
  if (!(maxFetches >= 1)) throw badOption(`fetchPanel: "maxFetches" is ${String(maxFetches)} and must be 1 or more.`);
  const log = new FetchLog(maxFetches);
  const isOn = inProduction || isDevelopment();
  if (isOn) showPanel(log);
  return {
    subscribe: (listener) => log.subscribe(listener),
    getSnapshot: () => log.fetches,
    asks: (...asked) => (isOn ? log.asks(...asked) : undefined),
  };
}

/** Bundlers put a text in the place of `process.env.NODE_ENV`. Where none did, pages have no `process`. */
function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production';
  } catch {
    return false;
  }
}
