/** A node of a parsed GraphQL document, as graphql-js makes them; only the parts that are read are named. */
export interface AstNode {
  readonly kind: string;
  readonly name?: { readonly value: string } | undefined;
  readonly alias?: { readonly value: string } | undefined;
  readonly operation?: string;
  readonly variable?: AstNode;
  readonly variableDefinitions?: readonly AstNode[] | undefined;
  readonly type?: AstNode;
  readonly typeCondition?: AstNode | undefined;
  readonly defaultValue?: AstNode | undefined;
  readonly arguments?: readonly AstNode[] | undefined;
  readonly directives?: readonly AstNode[] | undefined;
  readonly selectionSet?: SelectionSet | undefined;
  readonly value?: unknown;
  readonly values?: readonly AstNode[] | undefined;
  readonly fields?: readonly AstNode[] | undefined;
}

export interface SelectionSet {
  readonly kind: string;
  readonly selections: readonly AstNode[];
}
