import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { get } from '../../src/step/get.ts';
import { type ParamShapes, texts } from '../../src/step/paramShapes.ts';
import { Step } from '../../src/step/Step.ts';
import { decodeNodeId, type NodeReference } from './nodeId.ts';

/** How the objects behind global ids are found: by type name, a plan from the step of a key to that of the object. */
// biome-ignore lint/suspicious/noExplicitAny: keys and objects differ from type to type
export type NodeTypes = Readonly<Record<string, ($key: Step<any>) => Step<any>>>;

/** Represents the target of a global id. Yields its type name and key; null for ids of other types, and for invalid ids. */
export class NodeStep extends Step<NodeReference | null> {
  static override readonly op = 'node';
  static override readonly paramShapes: ParamShapes = { typenames: texts };
  override readonly isSync = true;
  declare params: { readonly typenames: readonly string[] };

  constructor($id: Step, typenames: readonly string[]) {
    super();
    this.addDependency($id);
    this.params = { typenames };
  }

  override execute(count: number, [ids]: readonly [readonly unknown[]]): ReadonlyArray<NodeReference | null> {
    const typenames = this.params.typenames;
    const references = new Array<NodeReference | null>(count);
    for (let row = 0; row < count; row++) {
      const reference = decodeNodeId(ids[row]);
      references[row] = reference !== null && typenames.includes(reference.typename) ? reference : null;
    }
    return references;
  }
}

/**
 * Represents the target of the global id `$id`, for the interface whose `planType` is `planNode(types)`. Ids of types
 * that are not among `types` are null.
 *
 * ```ts
 * const types = { User: ($key) => loadOne($key, userById), Post: ($key) => loadOne($key, postById) };
 * objects: { Query: { plans: { node: (_$root, { $id }) => node($id, { types }) } } },
 * interfaces: { Node: { planType: planNode(types) } },
 * ```
 */
export function node(
  $id: Step<string | null | undefined>,
  options: { readonly types: NodeTypes },
): Step<NodeReference | null> {
  return new NodeStep($id, Object.keys(options.types).sort());
}

/** The `planType` of an interface whose values come from `node`. */
export function planNode(types: NodeTypes): (
  // biome-ignore lint/suspicious/noExplicitAny: planType is called with steps of any kind
  $specifier: Step<any>,
) => { readonly $__typename: Step<string>; planForType(type: { readonly name: string }): Step } {
  return ($specifier) => ({
    $__typename: get($specifier, 'typename'),
    planForType: ({ name }) => {
      const plan = Object.hasOwn(types, name) ? types[name] : undefined;
      if (plan === undefined) {
        const known = Object.keys(types).join('", "');
        throw new PlanqlError('UNKNOWN_NODE_TYPE', `planNode() has no entry for "${name}". It has "${known}".`);
      }
      return plan(get($specifier, 'key'));
    },
  });
}
