import type { FieldDefinitionNode } from 'graphql';
import { didYouMean } from '../../utils/didYouMean.ts';
import type { Problems } from '../parse/Problems.ts';
import { argumentNode, directiveUses, docOf } from './directiveUse.ts';
import type { AddedUpField, EdgeModel } from './Model.ts';
import { orderAttribute } from './readLists.ts';

/** Reads a field with `@sum` or `@average`: of the numbers that a list of its type is ordered by. */
export function readAddedUp(
  type: string,
  field: FieldDefinitionNode,
  edges: readonly EdgeModel[],
  problems: Problems,
): AddedUpField | null {
  const use = directiveUses(field.directives, problems).find(({ name }) => name === 'sum' || name === 'average');
  if (typeof use?.args.edge !== 'string') return null;
  const name = field.name.value;
  const kind = use.name === 'sum' ? 'sum' : 'average';
  const own = edges.filter(({ from, orderBy }) => from === type && orderBy.length > 0);
  const edge = own.find((other) => other.name === use.args.edge);
  const [first] = edge?.orderBy ?? [];
  if (edge === undefined || first === undefined) {
    const hint = didYouMean(
      use.args.edge,
      own.map((other) => other.name),
    );
    problems.at(
      argumentNode(use.node, 'edge'),
      `${type}.${name} adds up the edge "${use.args.edge}", and no field of ${type} declares it with "orderBy".${hint || ' Declare it, ordered by the attribute to add up.'}`,
    );
    return null;
  }
  return { kind, name, description: docOf(field), edge: edge.name, attribute: orderAttribute(first) };
}
