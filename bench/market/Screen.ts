import type { DocumentNode } from 'graphql';
import type { Kvetch } from 'planql/kvetch';
import type { Filled } from '../../examples/market/fill.ts';
import type { Viewer } from '../../examples/market/viewer.ts';

/** What somebody asks for who opens a screen. */
export interface Asked {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: Viewer;
}

export interface Screen {
  readonly document: DocumentNode;
  readonly byHand: (kvetch: Kvetch, asked: Asked) => Promise<unknown>;
  /** The n-th visit: other people, other categories. */
  visit(made: Filled, n: number): Asked;
}

export type ScreenName = 'search' | 'feed' | 'listing' | 'inbox' | 'chat' | 'send';
