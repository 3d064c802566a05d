import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type ParseOptions,
  parse,
  type Source,
  type ValidationRule,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { asGraphQLError } from './asGraphQLError.ts';

export interface DocumentCacheOptions {
  /** How many documents are kept. Default 1,000. */
  readonly max?: number;
  /** How many characters their texts may have together. Default 8 million. */
  readonly maxSize?: number;
  /** Validation rules instead of graphql-js' `specifiedRules`. */
  readonly rules?: readonly ValidationRule[];
  /** Options of graphql-js' `parse`: `maxTokens`, say. */
  readonly parse?: ParseOptions;
}

/** A document that may be executed, or what is wrong with it. */
export type DocumentOrErrors = DocumentNode | readonly GraphQLError[];

/** Documents by their text: each is parsed and validated once, and found as the same object, and so with its plan, again. */
export class DocumentCache {
  readonly #schema: GraphQLSchema;
  readonly #options: DocumentCacheOptions;
  readonly #documents: LRUCache<string, DocumentOrErrors>;

  constructor(schema: GraphQLSchema, options: DocumentCacheOptions = {}) {
    const { max = 1_000, maxSize = 8_000_000 } = options;
    this.#schema = schema;
    this.#options = options;
    this.#documents = new LRUCache({ max, maxSize, sizeCalculation: (_, text) => text.length + 1 });
  }

  /** A `Source` says where its text stands, which messages tell: it is not kept. */
  get(source: string | Source): DocumentOrErrors {
    if (typeof source !== 'string') return this.#read(source);
    let document = this.#documents.get(source);
    if (document === undefined) {
      document = this.#read(source);
      this.#documents.set(source, document);
    }
    return document;
  }

  #read(source: string | Source): DocumentOrErrors {
    let document: DocumentNode;
    try {
      document = parse(source, this.#options.parse);
    } catch (error) {
      return [asGraphQLError(error)];
    }
    const errors = validate(this.#schema, document, this.#options.rules);
    return errors.length > 0 ? errors : document;
  }
}
