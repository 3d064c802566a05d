import { type DocumentNode, type FieldNode, parse } from 'graphql';
import { documentFields } from '../schema/documentFields.ts';

/**
 * The document that a plan is for. That of an imported plan is let go once the plan is checked, for it is larger than the
 * plan: requests bring their own, of the same text, and few things ask for it (errors, resolvers, odd arguments).
 */
export class PlannedDocument {
  readonly #text: string;
  #node: DocumentNode | null;
  #fields: readonly FieldNode[] | null = null;

  constructor(text: string, node: DocumentNode) {
    this.#text = text;
    this.#node = node;
  }

  get node(): DocumentNode {
    this.#node ??= parse(this.#text);
    return this.#node;
  }

  /** The fields, numbered from the beginning of the document. */
  get fields(): readonly FieldNode[] {
    this.#fields ??= documentFields(this.node).nodes;
    return this.#fields;
  }

  letGo(): void {
    this.#node = null;
    this.#fields = null;
  }

  /** Takes what somebody else has, who has found the plan with it. */
  adopt(node: DocumentNode): void {
    this.#node ??= node;
  }
}
