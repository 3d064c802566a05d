import { type AnyStep, node, nodeId, nodeKey } from 'planql';
import { type Kind, type Recipe, recipe, strict } from '../Recipe.ts';
import { areEqual, key, objectTypes, text } from '../Shape.ts';

export const idOf = (typename: string, of: unknown): string =>
  Buffer.from(JSON.stringify([typename, of])).toString('base64url');

/** The parts of a global id; null for any other text. */
function referenceOf(id: unknown): { readonly typename: string; readonly key: unknown } | null {
  try {
    const [typename, of, ...rest] = JSON.parse(Buffer.from(id as string, 'base64url').toString());
    const isKey = typeof of === 'string' || typeof of === 'number';
    return typeof typename === 'string' && isKey && rest.length === 0 ? { typename, key: of } : null;
  } catch {
    return null;
  }
}

/** Only the names are looked at: `planNode` of the schema plans the objects. */
const types = Object.fromEntries(objectTypes.map((name) => [name, ($key: AnyStep): AnyStep => $key]));

export const nodes: Readonly<Record<string, Kind>> = {
  nodeId: strict({
    make: (maker, shape, scope) =>
      areEqual(shape, text)
        ? recipe('nodeId', [maker.make(key, scope)], maker.random.pick([...objectTypes, 'D']))
        : null,
    plan: ([$key], typename) => nodeId(typename, $key as AnyStep),
    resolve: ([of], typename) => (of === null || of === undefined ? null : idOf(typename, of)),
  }),

  nodeKey: strict({
    make: (maker, shape, scope) =>
      areEqual(shape, key) ? recipe('nodeKey', [maker.make(text, scope)], maker.random.pick(objectTypes)) : null,
    plan: ([$id], typename) => nodeKey(typename, $id as AnyStep),
    resolve([id], typename) {
      const reference = referenceOf(id);
      return reference?.typename === typename ? reference?.key : null;
    },
  }),

  node: strict({
    make(maker, shape, scope) {
      if (shape.is !== 'row' || shape.of !== 'Node') return null;
      const ofKey = (): Recipe => recipe('nodeId', [maker.make(key, scope)], maker.random.pick(objectTypes));
      return recipe('node', [maker.chance(0.8) ? ofKey() : maker.make(text, scope)]);
    },
    plan: ([$id]) => node($id as AnyStep, { types }),
    resolve([id]) {
      const reference = referenceOf(id);
      return reference !== null && Object.hasOwn(types, reference.typename) ? reference : null;
    },
  }),
};
