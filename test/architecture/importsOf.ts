import ts from 'typescript';

/** One import of a module, however it is written. */
export interface Import {
  readonly specifier: string;
  /** Whether the module runs when this one is loaded: true but for types and for `import()`. */
  readonly isRuntime: boolean;
}

/**
 * The imports of a TypeScript source text. `ts.preProcessFile` finds the same ones, but does not say which of them are
 * types only.
 */
export function importsOf(text: string): ReadonlyArray<Import> {
  const found: Array<Import> = [];
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest));
  return found;

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, !node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, false);
    else if (ts.isCallExpression(node) && isLoadCall(node.expression) && node.arguments[0])
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  }

  function add(specifier: ts.Node, isRuntime: boolean): void {
    if (ts.isStringLiteralLike(specifier)) found.push({ specifier: specifier.text, isRuntime });
  }
}

function isLoadCall(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}
