import { Eventual } from '../../utils/Eventual.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { BrowseRequest, Entry } from '../shards/ShardStore.ts';

/** A part of all objects of a type. */
export type BrowseWindow = Omit<BrowseRequest, 'shards'>;

/** A window that was asked for, and its rows when they have come. */
export class BrowsedWindow extends Eventual<Entry<readonly ObjectRow[]>> {
  readonly request: BrowseWindow;

  constructor(request: BrowseWindow) {
    super();
    this.request = request;
  }

  /** Whether its rows are, or will be, those that a request with the same start asks for, and maybe more. */
  answers({ limit }: BrowseWindow): boolean {
    const { value } = this;
    const isWhole = value !== undefined && !(value instanceof Error) && value.length < this.request.limit;
    return this.request.limit >= limit || isWhole;
  }
}

/** Which objects of a type a request has asked for by browsing: a window answers each with the same start that is no longer. */
export class Browsed {
  #windows: Map<string, BrowsedWindow[]> | null = null;

  find(request: BrowseWindow): BrowsedWindow | undefined {
    return this.#windows?.get(startOf(request))?.find((window) => window.answers(request));
  }

  add(request: BrowseWindow): BrowsedWindow {
    const window = new BrowsedWindow(request);
    this.#windows ??= new Map();
    getOrCreate(this.#windows, startOf(request), (): BrowsedWindow[] => []).push(window);
    return window;
  }
}

function startOf({ typeId, afterId, reverse = false }: BrowseWindow): string {
  return `${typeId} ${afterId} ${reverse}`;
}
