import type { FieldDefinitionNode } from 'graphql';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { argumentNode, directiveUses, docOf } from './directiveUse.ts';
import type { EdgeModel, HasEdgeField } from './Model.ts';

/**
 * Reads a field with `@hasEdge`: whether a plain edge is there. The object is at the end that has its type; the id at the
 * other end is an argument, `from` or `to`, or that of the viewer: then the edge leads from the viewer.
 */
export function readHasEdge(
  type: string,
  field: FieldDefinitionNode,
  edges: readonly EdgeModel[],
  problems: Problems,
): HasEdgeField | null {
  const use = directiveUses(field.directives, problems).find(({ name }) => name === 'hasEdge');
  if (typeof use?.args.edge !== 'string') return null;
  const name = field.name.value;
  const place = `${type}.${name}`;
  const plain = edges.filter(({ storedIdAttr }) => storedIdAttr === null);
  const edge = plain.find((other) => other.name === use.args.edge);
  if (edge === undefined) {
    const hint = didYouMean(
      use.args.edge,
      plain.map((other) => other.name),
    );
    problems.at(
      argumentNode(use.node, 'edge'),
      `${place} asks for the edge "${use.args.edge}", which no field declares with @edge.${hint}`,
    );
    return null;
  }
  const argument = field.arguments
    ?.map((other) => other.name.value)
    .find((other) => other === 'from' || other === 'to');
  const end = argument === 'to' ? 'from' : 'to';
  if (edge[end] !== type) {
    const remedy =
      end === 'to' && edge.from === type
        ? ' Take the id at the other end as argument "to: UUID!".'
        : ' Take another edge.';
    problems.at(
      argumentNode(use.node, 'edge'),
      `${place} asks for the edge "${edge.name}" ${end} ${type}, and it leads from ${edge.from} to ${edge.to}.${remedy}`,
    );
  }
  const other = end === 'to' ? edge.from : edge.to;
  return { kind: 'hasEdge', name, description: docOf(field), edge: edge.name, end, argument: argument ?? null, other };
}
