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
  const spaced = text.replace(/^( *)"""(.+)"""$/gm, '$1"""\n$1$2\n$1"""');
  return `${spaced.split('\n').map(withinWidth).join('\n')}\n`;
}

const WIDTH = 120;

/** A field with many arguments, one a line, as formatters write it. */
function withinWidth(line: string): string {
  if (line.length <= WIDTH) return line;
  const [, indent, name, args, type] = /^( *)(\w+)\((.*)\)(: .+)$/.exec(line) ?? [];
  if (indent === undefined || args === undefined) return line;
  // Commas between arguments are followed by a name with a colon, outside of texts, lists and objects.
  const parts: string[] = [];
  let depth = 0;
  let isText = false;
  let from = 0;
  for (let at = 0; at < args.length; at++) {
    const letter = args.charAt(at);
    if (letter === '"' && args.charAt(at - 1) !== '\\') isText = !isText;
    if (isText) continue;
    if ('[{('.includes(letter)) depth++;
    if (']})'.includes(letter)) depth--;
    if (letter !== ',' || depth > 0) continue;
    parts.push(args.slice(from, at));
    from = at + 2;
  }
  const lines = [...parts, args.slice(from)].map((part) => `${indent}  ${part}`);
  return `${indent}${name}(\n${lines.join('\n')}\n${indent})${type}`;
}

function hasAny(node: TypeSystemExtensionNode): boolean {
  return Object.values(node).some((part: unknown) => Array.isArray(part) && part.length > 0);
}
