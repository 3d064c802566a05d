import type { ASTNode } from 'graphql';
import { argumentNode, directiveUses } from '../model/directiveUse.ts';
import type { CheckContext } from './CheckContext.ts';

/** Directives take them as `Int`, and so do clients: `typeId: Int!`. */
const MAX_NUMBER = 0x7fffffff;

interface Numbered {
  readonly owner: string;
  readonly id: number;
  readonly node: ASTNode;
}

/** Checks that type ids and edge ids are numbers that stores take, and that each has one owner. */
export function checkNumbers({ types, fields, problems }: CheckContext): void {
  const typeIds: Numbered[] = [];
  for (const entry of types.values()) {
    for (const { name, args, node } of directiveUses(entry.directives, problems)) {
      if (name === 'pent' && typeof args.typeId === 'number') {
        typeIds.push({ owner: entry.name, id: args.typeId, node: argumentNode(node, 'typeId') });
      }
    }
  }
  const edgeIds: Numbered[] = [];
  for (const field of fields) {
    for (const use of field.uses) {
      if (use.name !== 'edge' && use.name !== 'edgeToStoredId') continue;
      const key = use.name === 'edge' ? 'id' : 'edgeId';
      const id = use.args[key];
      if (typeof id === 'number') edgeIds.push({ owner: field.place, id, node: argumentNode(use.node, key) });
    }
  }
  check('type id', typeIds);
  check('edge id', edgeIds);

  function check(kind: string, numbers: readonly Numbered[]): void {
    const free = Math.max(0, ...numbers.map(({ id }) => id).filter((id) => id < MAX_NUMBER)) + 1;
    const owners = new Map<number, string>();
    for (const { owner, id, node } of numbers) {
      const other = owners.get(id);
      owners.set(id, other ?? owner);
      if (id < 1 || id > MAX_NUMBER) {
        problems.at(node, `The ${kind} of ${owner} is ${id}, and must be from 1 to ${MAX_NUMBER}.`);
      } else if (other !== undefined) {
        problems.at(node, `${owner} has the ${kind} ${id} of ${other}. Take another, such as ${free}.`);
      }
    }
  }
}
