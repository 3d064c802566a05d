import { BREAK, type DocumentNode, visit } from 'graphql';

const known = new WeakMap<DocumentNode, boolean>();

/** Whether `@defer` or `@stream` stands somewhere in a document. Looked at once a document. */
export function hasIncrementalDirectives(document: DocumentNode): boolean {
  let found = known.get(document);
  if (found === undefined) {
    found = false;
    visit(document, {
      Directive({ name: { value } }) {
        if (value !== 'defer' && value !== 'stream') return undefined;
        found = true;
        return BREAK;
      },
    });
    known.set(document, found);
  }
  return found;
}
