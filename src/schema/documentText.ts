import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type Location,
  type NameNode,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type Token,
  TokenKind,
} from 'graphql';

const known = new WeakMap<DocumentNode, string>();

/**
 * The text of a document: its source if the document is as it was parsed, else its print. Documents that `visit` or a
 * program has changed still carry the source text of the original.
 */
export function documentText(document: DocumentNode): string {
  let text = known.get(document);
  if (text === undefined) {
    const { loc } = document;
    text = loc !== undefined && isAsParsed(document, loc) ? loc.source.body : print(document);
    known.set(document, text);
  }
  return text;
}

function isAsParsed(document: DocumentNode, { startToken, endToken }: Location): boolean {
  const tokens = new Tokens(startToken);
  return tokens.holdAll(document.definitions) && tokens.isAt(endToken);
}

/** How deep nodes are looked into: graphql-js can parse deeper than we could follow, and can print all that it parses. */
const MAX_DEPTH = 1_000;

type Nodes = readonly ASTNode[] | undefined;

/** Goes along the tokens of a text, as far as the nodes of a document are made of them. */
class Tokens {
  #last: Token | null;
  #depth = 0;

  constructor(start: Token | null | undefined) {
    this.#last = start ?? null; // some tools drop the tokens, and keep the text
  }

  isAt(end: Token): boolean {
    return this.#next() === end;
  }

  holdAll(nodes: Nodes): boolean {
    return nodes === undefined || nodes.every((node) => this.#holds(node));
  }

  #next(): Token | null {
    let next = this.#last === null ? null : this.#last.next;
    while (next !== null && next.kind === TokenKind.COMMENT) next = next.next;
    return next;
  }

  #take(kind: TokenKind, value?: string): boolean {
    let next = this.#last === null ? null : this.#last.next;
    if (next !== null && next.kind === TokenKind.COMMENT) next = this.#next();
    if (next === null || next.kind !== kind || (value !== undefined && next.value !== value)) return false;
    this.#last = next;
    return true;
  }

  #holdsSome(node: ASTNode | undefined): boolean {
    return node === undefined || this.#holds(node);
  }

  #holdsWithin(open: TokenKind, nodes: Nodes, close: TokenKind): boolean {
    return this.#take(open) && this.holdAll(nodes) && this.#take(close);
  }

  /** A list in parentheses; nothing, where there is nothing in it. */
  #holdsOptional(nodes: Nodes): boolean {
    return nodes === undefined || nodes.length === 0 || this.#holdsWithin(TokenKind.PAREN_L, nodes, TokenKind.PAREN_R);
  }

  /** `{ ... }` for a query that has nothing else. */
  #holdsShorthand({
    operation,
    name,
    variableDefinitions,
    directives,
    selectionSet,
  }: OperationDefinitionNode): boolean {
    const isBare = name === undefined && !variableDefinitions?.length && !directives?.length;
    return operation === 'query' && isBare && this.#holds(selectionSet);
  }

  /** Mostly a selection is a field with a name, and perhaps an alias, arguments and fields of its own. */
  #holdsSelections(selections: readonly SelectionNode[] | undefined): boolean {
    if (selections === undefined) return true;
    for (const node of selections) {
      if (node?.kind === Kind.FIELD ? !this.#holdsField(node) : !this.#holds(node)) return false;
    }
    return true;
  }

  #holdsField({ alias, name, arguments: given, directives, selectionSet }: FieldNode): boolean {
    if (alias !== undefined && !(this.#holdsName(alias) && this.#take(TokenKind.COLON))) return false;
    if (!this.#holdsName(name)) return false;
    if (given !== undefined && given.length > 0 && !this.#holdsOptional(given)) return false;
    if (directives !== undefined && directives.length > 0 && !this.holdAll(directives)) return false;
    return selectionSet === undefined || this.#holds(selectionSet);
  }

  #holdsName(node: NameNode): boolean {
    return node?.kind === Kind.NAME && this.#take(TokenKind.NAME, node.value);
  }

  #holds(node: ASTNode): boolean {
    if (this.#depth === MAX_DEPTH) return false;
    this.#depth++;
    const holds = this.#holdsParts(node);
    this.#depth--;
    return holds;
  }

  #holdsParts(node: ASTNode): boolean {
    // Where something has taken a node away that must be there, there is null.
    switch (node?.kind) {
      case Kind.NAME:
        return this.#take(TokenKind.NAME, node.value);
      case Kind.OPERATION_DEFINITION:
        if (this.#next()?.kind === TokenKind.BRACE_L) return this.#holdsShorthand(node);
        return (
          this.#holdsSome(node.description) &&
          this.#take(TokenKind.NAME, node.operation) &&
          this.#holdsSome(node.name) &&
          this.#holdsOptional(node.variableDefinitions) &&
          this.holdAll(node.directives) &&
          this.#holds(node.selectionSet)
        );
      case Kind.FRAGMENT_DEFINITION:
        return (
          this.#holdsSome(node.description) &&
          this.#take(TokenKind.NAME, 'fragment') &&
          this.#holds(node.name) &&
          this.#holdsOptional(node.variableDefinitions) &&
          this.#take(TokenKind.NAME, 'on') &&
          this.#holds(node.typeCondition) &&
          this.holdAll(node.directives) &&
          this.#holds(node.selectionSet)
        );
      case Kind.VARIABLE_DEFINITION:
        return (
          this.#holdsSome(node.description) &&
          this.#holds(node.variable) &&
          this.#take(TokenKind.COLON) &&
          this.#holds(node.type) &&
          (node.defaultValue === undefined || (this.#take(TokenKind.EQUALS) && this.#holds(node.defaultValue))) &&
          this.holdAll(node.directives)
        );
      case Kind.SELECTION_SET:
        return this.#take(TokenKind.BRACE_L) && this.#holdsSelections(node.selections) && this.#take(TokenKind.BRACE_R);
      case Kind.FIELD:
        return this.#holdsField(node);
      case Kind.FRAGMENT_SPREAD:
        return (
          this.#take(TokenKind.SPREAD) &&
          this.#holds(node.name) &&
          this.#holdsOptional((node as { readonly arguments?: Nodes }).arguments) &&
          this.holdAll(node.directives)
        );
      case Kind.INLINE_FRAGMENT:
        return (
          this.#take(TokenKind.SPREAD) &&
          (node.typeCondition === undefined || (this.#take(TokenKind.NAME, 'on') && this.#holds(node.typeCondition))) &&
          this.holdAll(node.directives) &&
          this.#holds(node.selectionSet)
        );
      case Kind.DIRECTIVE:
        return this.#take(TokenKind.AT) && this.#holds(node.name) && this.#holdsOptional(node.arguments);
      case Kind.ARGUMENT:
      case Kind.OBJECT_FIELD:
        return this.#holds(node.name) && this.#take(TokenKind.COLON) && this.#holds(node.value);
      case Kind.VARIABLE:
        return this.#take(TokenKind.DOLLAR) && this.#holds(node.name);
      case Kind.NAMED_TYPE:
        return this.#holds(node.name);
      case Kind.NON_NULL_TYPE:
        return this.#holds(node.type) && this.#take(TokenKind.BANG);
      case Kind.LIST_TYPE:
        return this.#take(TokenKind.BRACKET_L) && this.#holds(node.type) && this.#take(TokenKind.BRACKET_R);
      case Kind.INT:
        return this.#take(TokenKind.INT, node.value);
      case Kind.FLOAT:
        return this.#take(TokenKind.FLOAT, node.value);
      case Kind.STRING:
        return this.#take(node.block ? TokenKind.BLOCK_STRING : TokenKind.STRING, node.value);
      case Kind.BOOLEAN:
        return this.#take(TokenKind.NAME, String(node.value));
      case Kind.NULL:
        return this.#take(TokenKind.NAME, 'null');
      case Kind.ENUM:
        return this.#take(TokenKind.NAME, node.value);
      case Kind.LIST:
        return this.#holdsWithin(TokenKind.BRACKET_L, node.values, TokenKind.BRACKET_R);
      case Kind.OBJECT:
        return this.#holdsWithin(TokenKind.BRACE_L, node.fields, TokenKind.BRACE_R);
      default:
        return false; // definitions of a schema are not executed: their print will do
    }
  }
}
