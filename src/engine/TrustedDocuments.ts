import { type DocumentNode, GraphQLError } from 'graphql';
import type { DocumentStore } from '../plan/DocumentStore.ts';
import { isRecord } from '../utils/isRecord.ts';

/**
 * The parts of a request that name its document: its text, or the id of one that the server knows. Clients send ids as
 * Apollo's `extensions.persistedQuery.sha256Hash`, Relay's `id` or `doc_id`, or `documentId`.
 * @inline
 */
export interface DocumentParams {
  /** The text of the document. */
  readonly query?: unknown;
  /** An id, as Relay sends it. */
  readonly id?: unknown;
  /** An id, as Relay sends it, too. */
  readonly doc_id?: unknown;
  /** An id, as GraphQL over HTTP proposes it. */
  readonly documentId?: unknown;
  /** Where Apollo's `persistedQuery.sha256Hash` is. */
  readonly extensions?: unknown;
}

/** The documents that an engine knows, and whether it runs any others. */
export class TrustedDocuments {
  readonly #store: DocumentStore | null;
  readonly onlyKnown: boolean;
  /** Documents that planql derived from known ones. */
  readonly #trusted = new WeakSet<DocumentNode>();
  #texts: { readonly of: DocumentStore['documents']; readonly all: ReadonlySet<string> } | null = null;

  constructor(store: DocumentStore | null, onlyKnown: boolean) {
    this.#store = store;
    this.onlyKnown = onlyKnown;
  }

  /** The text that a request asks for, or why it is refused. Nothing is parsed. */
  sourceOf(params: DocumentParams): string | GraphQLError {
    const { query } = params;
    const id = idOf(params);
    if (id !== null) {
      const known = this.#store?.documents.get(id);
      if (known !== undefined) return known;
      if (this.onlyKnown || typeof query !== 'string') return notInList(id);
    }
    if (typeof query !== 'string' || query === '') return new GraphQLError('Must provide a query, or the id of one.');
    return this.refusalOfText(query) ?? query;
  }

  /** Why a text is not run; null where it is. */
  refusalOfText(text: string): GraphQLError | null {
    return this.onlyKnown && !this.#knows(text) ? notInSafelist() : null;
  }

  /** The same for a document that a server has parsed: it is known by the text that it was parsed from. */
  refusalOf(document: DocumentNode): GraphQLError | null {
    if (!this.onlyKnown || this.#trusted.has(document)) return null;
    const text = document.loc?.source.body;
    return text !== undefined && this.#knows(text) ? null : notInSafelist();
  }

  trust(document: DocumentNode): void {
    this.#trusted.add(document);
  }

  #knows(text: string): boolean {
    if (this.#store === null) return false;
    const { documents } = this.#store;
    if (this.#texts?.of !== documents) this.#texts = { of: documents, all: new Set(documents.values()) };
    return this.#texts.all.has(text);
  }
}

function idOf({ id, doc_id: docId, documentId, extensions }: DocumentParams): string | null {
  const persisted = isRecord(extensions) ? extensions.persistedQuery : null;
  const hash = isRecord(persisted) ? persisted.sha256Hash : null;
  const found = [documentId, docId, id, hash].find((given) => typeof given === 'string' && given !== '');
  return typeof found === 'string' ? found : null;
}

function notInList(id: string): GraphQLError {
  const shown = id.length > 100 ? `${id.slice(0, 100)}…` : id;
  return new GraphQLError(`This server knows no document with the id "${shown}".`, {
    extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' },
  });
}

function notInSafelist(): GraphQLError {
  return new GraphQLError('This server runs the documents that it knows, and no others. Send the id of one.', {
    extensions: { code: 'QUERY_NOT_IN_SAFELIST' },
  });
}
