import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type ParseOptions,
  parse,
  type Source,
  type ValidationRule,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { documentBytes } from '../schema/documentBytes.ts';
import { documentChannel } from '../telemetry/channels.ts';
import { asGraphQLError } from './asGraphQLError.ts';

/**
 * How documents are parsed, validated and remembered.
 * @inline
 */
export interface DocumentCacheOptions {
  /** How many documents are kept; 0: none. Default 1,000. */
  readonly max?: number;
  /** How many bytes they may take together, as they were measured. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Validation rules instead of graphql-js' `specifiedRules`. */
  readonly rules?: readonly ValidationRule[];
  /** Options of graphql-js' `parse`: `maxTokens`, say. */
  readonly parse?: ParseOptions;
}

/** A valid document, or its errors. */
export type DocumentOrErrors = DocumentNode | readonly GraphQLError[];

/** Documents by their text: each is parsed and validated once, and found as the same object, and so with its plan, again. */
export class DocumentCache {
  readonly #schema: GraphQLSchema;
  readonly #engine: object;
  readonly #options: DocumentCacheOptions;
  readonly #documents: LRUCache<string, DocumentOrErrors>;
  readonly #isOn: boolean;

  /** `engine`: the one that telemetry names when a document was read. */
  constructor(schema: GraphQLSchema, options: DocumentCacheOptions = {}, engine: object = schema) {
    const { max = 1_000, maxBytes = 64 * 1024 * 1024 } = options;
    this.#schema = schema;
    this.#engine = engine;
    this.#options = options;
    this.#isOn = max > 0;
    this.#documents = new LRUCache({
      max: Math.max(1, max),
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: bytesOf,
    });
  }

  /** A `Source` has the location of its text, which messages name: it is not kept. */
  get(source: string | Source): DocumentOrErrors {
    if (typeof source !== 'string') return this.#read(source);
    let document = this.#documents.get(source);
    if (document === undefined) {
      document = this.#read(source);
      // One that is larger than all that may be kept is not kept.
      if (this.#isOn) this.#documents.set(source, document);
    }
    return 'kind' in document ? document : document.map(ownError);
  }

  #read(source: string | Source): DocumentOrErrors {
    let document: DocumentNode;
    const began = performance.now();
    try {
      document = parse(source, this.#options.parse);
    } catch (error) {
      return [asGraphQLError(error)];
    }
    const parsed = performance.now();
    const errors = validate(this.#schema, document, this.#options.rules);
    if (documentChannel.isHeard) {
      const [parseMs, validateMs] = [parsed - began, performance.now() - parsed];
      documentChannel.tell({
        engine: this.#engine,
        document: errors.length > 0 ? null : document,
        parseMs,
        validateMs,
      });
    }
    return errors.length > 0 ? errors : document;
  }
}

/** Users may write to an error that they get, as formatters do: the one that is kept stays as it is. */
function ownError(error: GraphQLError): GraphQLError {
  if (Object.getPrototypeOf(error) !== GraphQLError.prototype) return error; // of a rule of the application
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  const copy = { nodes, source, positions, path, originalError, extensions: { ...extensions } };
  return new GraphQLError(message, copy as never);
}

/** The bytes that an error keeps beside its document. */
const OF_ERROR = 2_000;

/** Of a text that is refused the errors hold the document, if there is one: a node takes at least two characters. */
function bytesOf(document: DocumentOrErrors, text: string): number {
  if ('kind' in document) return documentBytes(document);
  return text.length * 350 + document.length * OF_ERROR;
}
