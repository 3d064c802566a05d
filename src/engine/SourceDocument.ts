import { type DocumentNode, type FieldNode, GraphQLError, parse } from 'graphql';
import { documentBytes } from '../schema/documentBytes.ts';
import { documentFields } from '../schema/documentFields.ts';
import type { Conditions } from './nonBooleanConditions.ts';
import { type SelectedOperation, selectOperation } from './prepareRequest.ts';

/**
 * The document that a plan is for. That of an imported plan is let go once the plan is checked, for it is larger than the
 * plan: requests bring their own, of the same text, and few things ask for it (errors, resolvers, odd arguments).
 */
export class SourceDocument {
  readonly #text: string;
  #node: DocumentNode | null;
  #fields: readonly FieldNode[] | null = null;
  #selected: SelectedOperation | null;
  #bytes: number | null = null;
  /** Stays when the document is let go: equal for equal texts. */
  #conditions: Conditions | null;

  constructor(text: string, node: DocumentNode, selected: SelectedOperation | null) {
    this.#text = text;
    this.#node = node;
    this.#selected = selected;
    this.#conditions = selected?.conditions ?? null;
  }

  get node(): DocumentNode {
    this.#node ??= parse(this.#text);
    return this.#node;
  }

  /** How many bytes it keeps, as long as it is not let go. */
  get bytes(): number {
    const { node } = this;
    this.#bytes ??= documentBytes(node, node.loc?.source.body === this.#text);
    return this.#bytes;
  }

  /** How many bytes it keeps once it is let go: its text. */
  get restingBytes(): number {
    return this.#text.length * 2;
  }

  /** The fields, numbered from the beginning of the document. */
  get fields(): readonly FieldNode[] {
    this.#fields ??= documentFields(this.node);
    return this.#fields;
  }

  /** The operation of this name, which it has; null for the only one. */
  selected(operationName: string | null): SelectedOperation {
    const selected = this.#selected ?? this.selectedIn(this.node, operationName);
    if (selected instanceof GraphQLError) throw selected;
    this.#selected = selected;
    return selected;
  }

  /** The same in another document of this text. */
  selectedIn(node: DocumentNode, operationName: string | null): SelectedOperation | GraphQLError {
    const selected = selectOperation(node, operationName, this.#conditions);
    if (!(selected instanceof GraphQLError)) this.#conditions = selected.conditions;
    return selected;
  }

  /** Whether this is the document itself, and not another one of the same text. */
  is(node: DocumentNode): boolean {
    return this.#node === node;
  }

  letGo(): void {
    this.#node = null;
    this.#selected = null;
    this.#fields = null;
  }

  /** Takes the document of a request for this plan, where there is none, or none that knows its locations. */
  adopt(node: DocumentNode): void {
    if (this.#node !== null && (this.#node.loc !== undefined || node.loc === undefined)) return;
    this.#node = node;
    this.#fields = null;
    this.#selected = null;
  }
}
