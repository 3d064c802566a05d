import {
  type DocumentNode,
  isTypeSystemExtensionNode,
  parse,
  print,
  type TypeSystemExtensionNode,
  visit,
} from 'graphql';
import { knownScalars } from '../check/standardRules.ts';
import { isGrappleDirective } from '../directives.ts';

/** The schema as clients see it: Grapple's directives are gone, and the scalars it knows are defined. */
export function printClientSdl(document: DocumentNode): string {
  const used = new Set<string>();
  const defined = new Set<string>();
  const stripped = visit(document, {
    Directive: (node) => (isGrappleDirective(node.name.value) ? null : undefined),
    NamedType: (node) => {
      used.add(node.name.value);
    },
    ScalarTypeDefinition: (node) => {
      defined.add(node.name.value);
    },
  });
  // An extension that had nothing but directives of Grapple has nothing now.
  const kept = stripped.definitions.filter((node) => !isTypeSystemExtensionNode(node) || hasAny(node));
  const scalars = knownScalars.filter((name) => used.has(name) && !defined.has(name));
  const added = scalars.flatMap((name) => parse(`scalar ${name}`, { noLocation: true }).definitions);
  const text = print({ ...stripped, definitions: [...added, ...kept] });
  // As formatters write descriptions: quotes on lines of their own.
  return `${text.replace(/^( *)"""(.+)"""$/gm, '$1"""\n$1$2\n$1"""')}\n`;
}

function hasAny(node: TypeSystemExtensionNode): boolean {
  return Object.values(node).some((part: unknown) => Array.isArray(part) && part.length > 0);
}
