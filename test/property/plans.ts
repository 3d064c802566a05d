import type { GraphQLSchema } from 'graphql';
import {
  constant,
  context,
  each,
  filter,
  first,
  get,
  inhibitIf,
  lambda,
  makeSchema,
  type ObjectConfig,
  type Step,
} from 'planql';
import {
  countEdges,
  type EdgePage,
  type KvetchObject,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
} from 'planql/kvetch';
import { MAX_MEMBERS, maySee } from './rules.ts';
import { typeDefsOf } from './typeDefs.ts';
import { edgeOf, indexOf, type World } from './world.ts';

type ObjectStep = Step<KvetchObject | null>;

/** The world as plans: as the example of the issue tracker writes them. */
export function planSchemaOf(world: World): GraphQLSchema {
  const objects: Record<string, ObjectConfig> = { Query: { plans: {} } };
  const query = (objects.Query as { plans: Record<string, unknown> }).plans;
  for (const [at, { references, lists }] of world.types.entries()) {
    query[`one${at}`] = (_$root: Step, { $id }: { $id: Step<string> }) => gated(world, at, loadObject($id));
    query[`all${at}`] = (_$root: Step, { $ids }: { $ids: Step<readonly string[]> }) =>
      each($ids, ($id) => gated(world, at, loadObject($id)) as Step);
    query[`named${at}`] = (_$root: Step, { $name }: { $name: Step<string> }) =>
      gated(world, at, first(loadObjects(loadIndex(indexOf(at), $name))) as ObjectStep);
    const plans: Record<string, unknown> = {};
    for (const [n, to] of references.entries()) {
      plans[`r${n}`] = ($object: ObjectStep) => gated(world, to, loadObject(get($object, `r${n}`) as Step<string>));
    }
    for (const [n, to] of lists.entries()) {
      plans[`l${n}`] = ($object: ObjectStep, { $first }: { $first: Step<number | null> }) => {
        const $all = loadObjects(loadEdges(edgeOf(at, n), get($object, 'id') as Step<string>, { $first }));
        return world.types[to]?.rule === 'all'
          ? $all
          : filter($all, ($item) => sees(world, to, $item as ObjectStep, true));
      };
      plans[`c${n}`] = ($object: ObjectStep) => countEdges(edgeOf(at, n), get($object, 'id') as Step<string>);
    }
    objects[`T${at}`] = { plans } as ObjectConfig;
  }
  return makeSchema({ typeDefs: typeDefsOf(world), objects });
}

function gated(world: World, type: number, $object: ObjectStep): ObjectStep {
  return world.types[type]?.rule === 'all' ? $object : inhibitIf($object, sees(world, type, $object, false));
}

/** Whether the viewer sees an object; or, for a gate, whether not. */
function sees(world: World, type: number, $object: ObjectStep, wanted: boolean): Step<boolean> {
  const rule = world.types[type]?.rule ?? 'all';
  const $members =
    rule === 'member'
      ? loadEdges('viewer_sees', get(context(), 'viewerId') as Step<string>, { $first: constant(MAX_MEMBERS) })
      : constant(null);
  const $referred = rule === 'reference' ? loadObject(get($object, 'r0') as Step<string>) : constant(null);
  return lambda(
    [$object, $members as Step, $referred as Step],
    ([object, members, referred]) =>
      maySee(rule, object as KvetchObject | null, members as EdgePage | null, referred as KvetchObject | null) ===
      wanted,
  ) as Step<boolean>;
}
