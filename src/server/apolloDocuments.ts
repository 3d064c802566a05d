import { type DocumentNode, parse } from 'graphql';
import type { Engine } from '../engine/Engine.ts';

/** The options of Apollo Server by which it takes documents from an engine. */
export interface ApolloDocuments {
  /** A cache that knows the engine's documents, and takes no others. */
  readonly persistedQueries: { readonly cache: PersistedQueryCache };
  /** Absent where the engine runs any document: Apollo Server then keeps documents by itself. */
  readonly documentStore?: ParsedDocumentCache;
  /** Plugins that refuse unknown texts. */
  readonly plugins: SourcePlugin[];
}

/** Apollo Server's `KeyValueCache` of texts. */
interface PersistedQueryCache {
  get(key: string): Promise<string | undefined>;
  set(): Promise<void>;
  delete(): Promise<void>;
}

/** Apollo Server's `KeyValueCache` of parsed documents. */
interface ParsedDocumentCache {
  get(key: string): Promise<DocumentNode | undefined>;
  set(): Promise<void>;
  delete(): Promise<void>;
}

/** The part of an Apollo Server plugin that is used. */
interface SourcePlugin {
  requestDidStart(): Promise<{
    // biome-ignore lint/suspicious/noExplicitAny: Apollo's request contexts; their types differ by its version
    didResolveSource(request: any): Promise<void>;
  }>;
}

/**
 * The known documents of an engine for Apollo Server. It takes the documents of ids (of Apollo's persisted-query extension)
 * from the engine, and clients cannot add any. Where the engine runs known documents only, others are refused before
 * they are parsed.
 *
 * ```ts
 * new ApolloServer({ gateway: planqlGateway({ schema, functions: engine }), ...apolloDocuments(engine) });
 * ```
 */
export function apolloDocuments(
  engine: Pick<Engine, 'sourceOf' | 'documentOf' | 'onlyKnownDocuments'>,
): ApolloDocuments {
  const cache = {
    async get(key: string) {
      const source = engine.sourceOf({ id: key.replace(/^apq:/, '') });
      return typeof source === 'string' ? source : undefined;
    },
    ...READ_ONLY,
  };
  if (!engine.onlyKnownDocuments) return { persistedQueries: { cache }, plugins: [] };
  /** Texts of requests that Apollo Server is about to parse, by their hashes. */
  const sources = new Map<string, { readonly source: string; waiting: number }>();
  const documentStore = {
    async get(key: string) {
      const hash = key.slice(-HASH_LENGTH);
      const asked = sources.get(hash);
      if (asked === undefined) return undefined;
      if (--asked.waiting === 0) sources.delete(hash);
      const document = engine.documentOf({ query: asked.source });
      if ('kind' in document) return document;
      // A known document with errors is Apollo Server's to refuse.
      return typeof engine.sourceOf({ query: asked.source }) === 'string' ? undefined : refused;
    },
    ...READ_ONLY,
  };
  const plugin: SourcePlugin = {
    requestDidStart: async () => ({
      async didResolveSource({ source, queryHash }) {
        const asked = sources.get(queryHash);
        if (asked === undefined) sources.set(queryHash, { source, waiting: 1 });
        else asked.waiting++;
      },
    }),
  };
  return { persistedQueries: { cache }, documentStore, plugins: [plugin] };
}

/** A SHA-256 in hexadecimal digits. */
const HASH_LENGTH = 64;

const READ_ONLY = { async set() {}, async delete() {} };

/** Stands for documents that are refused: no engine that runs known documents only knows it, as it has no text. */
const refused = parse('{ __typename }', { noLocation: true });
