import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  isTypeDefinitionNode,
  parse,
  type TypeNode,
  visit,
} from 'graphql';
import type { Problems } from '../parse/Problems.ts';
import type { TypeIndex } from './TypeIndex.ts';
import { indexTypes } from './TypeIndex.ts';
import { typeShape } from './typeShape.ts';

const SUFFIX = 'Connection';

/**
 * Adds the types that `@connection` names and the schema does not define: `ListingConnection`, its `ListingEdge`, and
 * `PageInfo`. The type of the nodes is that of the name, `Listing`, or the directive's argument `of`. A type that the
 * schema defines stays as it is written.
 */
export function withConnectionTypes(document: DocumentNode, problems: Problems): DocumentNode {
  const types = indexTypes(document);
  const added = new Map<string, Wanted>();
  for (const { name: owner, fields } of types.values()) {
    for (const field of fields) {
      const wanted = wantedBy(field, types);
      if (wanted === null) continue;
      const before = added.get(wanted.name);
      if (before !== undefined && before.node !== wanted.node) {
        problems.at(
          field.type,
          `${owner}.${field.name.value} is a ${wanted.name} of ${wanted.node}, and another field has one of ${before.node}. Give it a name of its own, such as ${wanted.node}${SUFFIX}.`,
        );
        continue;
      }
      added.set(wanted.name, { ...wanted, hasData: wanted.hasData || before?.hasData === true });
    }
  }
  const [first] = added.values();
  if (first === undefined) return document;
  const connections = [...added.values()].flatMap((wanted) => definitionsOf(wanted, types));
  const pageInfo = types.has('PageInfo') ? [] : parsed(PAGE_INFO, first.at);
  return { ...document, definitions: [...document.definitions, ...connections, ...pageInfo] };
}

/** A connection type that is to be written. */
interface Wanted {
  readonly name: string;
  readonly node: string;
  /** Whether some edge has data: a plain edge. */
  readonly hasData: boolean;
  /** Where its name stands in the schema: problems with the type are told there. */
  readonly at: TypeNode;
}

function wantedBy({ type, directives = [] }: FieldDefinitionNode, types: TypeIndex): Wanted | null {
  const connection = directives.find((node) => node.name.value === 'connection');
  const { name, items } = typeShape(type);
  if (connection === undefined || items !== null || types.has(name)) return null;
  const node = textOf(connection, 'of') ?? (name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '');
  if (!types.has(node)) return null; // the standard rules report the unknown type
  return { name, node, hasData: directives.some((other) => other.name.value === 'edge'), at: type };
}

function textOf({ arguments: given = [] }: ConstDirectiveNode, name: string): string | null {
  const value = given.find((argument) => argument.name.value === name)?.value;
  return value?.kind === 'StringValue' ? value.value : null;
}

function definitionsOf({ name, node, hasData, at }: Wanted, types: TypeIndex): readonly DefinitionNode[] {
  const edge = `${name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name}Edge`;
  const data = hasData ? ' data: JSON' : '';
  const connection = `type ${name} { nodes: [${node}!]! edges: [${edge}!]! pageInfo: PageInfo! totalCount: Int! }`;
  return parsed(`${connection} ${types.has(edge) ? '' : `type ${edge} { cursor: String! node: ${node}!${data} }`}`, at);
}

const PAGE_INFO =
  'type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }';

/** Definitions whose parts all stand where the field names the connection. */
function parsed(text: string, { loc }: TypeNode): readonly DefinitionNode[] {
  const placed = visit(parse(text, { noLocation: true }), { enter: (node) => ({ ...node, loc }) });
  return placed.definitions.filter(isTypeDefinitionNode);
}
