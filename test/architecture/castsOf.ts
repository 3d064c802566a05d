import ts from 'typescript';
import { readSource } from '../support/repository.ts';

/** The type assertions (`value as Type`) of a source file by line; `as const` is none. */
export function castsOf(file: string): readonly number[] {
  const source = ts.createSourceFile(file, readSource(file), ts.ScriptTarget.Latest);
  const lines: number[] = [];
  visit(source);
  return lines;

  function visit(node: ts.Node): void {
    if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) {
      lines.push(source.getLineAndCharacterOfPosition(node.type.getStart(source)).line + 1);
    }
    ts.forEachChild(node, visit);
  }
}
