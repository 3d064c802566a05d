import { PlanqlError } from '../../errors/PlanqlError.ts';
import { objectOutput } from '../../plan/outputAt.ts';
import type { Plan, PositionNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { OutputWalk } from './neededTasks.ts';
import type { TaskGraph } from './TaskGraph.ts';

/** A position of the response by its response keys, without list indexes: it stands for all items of the lists in it. */
export type PositionPath = readonly string[];

/**
 * The tasks that some positions of the response need: those that decide where the positions are, those of all that is
 * below them, and all that these depend on. `holds` tells which fields the request has.
 *
 * @throws PlanqlError `UNKNOWN_POSITION` when the plan has no such position.
 */
export function positionTasks(
  graph: TaskGraph,
  positions: readonly PositionPath[],
  holds: (guard: number) => boolean,
): Set<number> {
  const walk = new OutputWalk(graph, (object) => includedFields(graph.plan, object, holds));
  for (const path of positions) {
    if (!enter(walk, graph.plan, graph.plan.root, path, 0, holds)) throw unknownPosition(path);
  }
  return graph.withDependencies(walk.tasks);
}

function* includedFields(plan: Plan, object: number, holds: (guard: number) => boolean): Iterable<number> {
  const { fields } = objectOutput(plan, object);
  for (let index = 0; index < fields.length; index++) if (holds(nodeAt(fields, index).guard)) yield index;
}

/** Goes down to the position, or takes in all that is below it. False: there is no such position. */
function enter(
  walk: OutputWalk,
  plan: Plan,
  id: number,
  path: PositionPath,
  depth: number,
  holds: (guard: number) => boolean,
): boolean {
  if (depth === path.length) {
    walk.output(id);
    return true;
  }
  const goOn = ({ read, output }: PositionNode, to: number): boolean => {
    walk.step(read.step);
    return enter(walk, plan, output, path, to, holds);
  };
  const output = nodeAt(plan.outputs, id);
  switch (output.kind) {
    case 'object': {
      walk.layer(output.layer);
      const found = output.fields.filter(({ key, guard }) => key === path[depth] && holds(guard));
      for (const field of found) {
        walk.field(field);
        if (!goOn(field.position, depth + 1)) return false;
      }
      return found.length > 0;
    }
    case 'list':
      walk.layer(output.layer);
      return goOn(output.item, depth);
    case 'abstract': {
      walk.dispatch(output.typename, output.layer);
      // Branches that are not planned yet may have the position.
      let isThere = output.branches.length === 0;
      for (const { layer, position } of output.branches) {
        walk.layer(layer);
        if (goOn(position, depth)) isThere = true;
      }
      return isThere;
    }
    default:
      return false;
  }
}

function unknownPosition(path: PositionPath): PlanqlError {
  return new PlanqlError(
    'UNKNOWN_POSITION',
    `The operation has no position "${path.join('.')}". Name it by response keys, without list indexes.`,
  );
}
