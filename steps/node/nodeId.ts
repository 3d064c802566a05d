import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { resolveStep } from '../../src/step/resolveStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { textOfBase64Url, textToBase64Url } from '../../src/utils/base64.ts';
import { inspect } from '../../src/utils/inspect.ts';
import { fn } from '../fn.ts';
import { lambda } from '../values/lambda.ts';

// No interface: it is not exported from the package, and declarations that users emit spell out aliases only.
/** The parts of a global id: an object type, and the key of an object of that type. */
export type NodeReference<TKey = string | number> = {
  /** The name of the object type. */
  readonly typename: string;
  /** The key that the type encoded. */
  readonly key: TKey;
};

/** The global id of an object. The key may be any JSON value. */
export function encodeNodeId(typename: string, key: unknown): string {
  return textToBase64Url(JSON.stringify([typename, key]));
}

/** The parts of a global id; null for a text that is none. */
export function decodeNodeId(id: unknown): NodeReference | null {
  if (typeof id !== 'string') return null;
  try {
    const decoded: unknown = JSON.parse(textOfBase64Url(id));
    if (!Array.isArray(decoded) || decoded.length !== 2) return null;
    const [typename, key]: unknown[] = decoded;
    const isKey = typeof key === 'string' || typeof key === 'number';
    return typeof typename === 'string' && isKey ? { typename, key } : null;
  } catch {
    return null;
  }
}

const encode = fn('planql.encodeNodeId', ([typename, key]: readonly [string, unknown]) => {
  if (key === null || key === undefined) return null;
  if (typeof key === 'function' || typeof key === 'symbol' || typeof key === 'bigint') {
    throw new PlanqlError(
      'NODE_KEY',
      `The key of ${typename} must be JSON to be in a node id, but is ${inspect(key)}.`,
    );
  }
  return encodeNodeId(typename, key);
});

const decodeKey = fn('planql.decodeNodeKey', ([typename, id]: readonly [string, unknown]) => {
  const reference = decodeNodeId(id);
  return reference?.typename === typename ? reference.key : null;
});

/**
 * Represents the global id of the `typename` whose key `$key` yields; null where that is null.
 *
 * ```ts
 * User: { plans: { id: ($user) => nodeId('User', get($user, 'id')) } }
 * ```
 */
export function nodeId(typename: string, $key: Step<unknown>): Step<string | null> {
  return lambda([constant(typename), resolveStep('nodeId', $key)], encode);
}

/**
 * Represents the key in a global id; null for ids of other types than `typename`, and for invalid ids.
 *
 * ```ts
 * Mutation: { plans: { deletePost: (_$root, { $id }) => deletePost(nodeKey('Post', $id)) } }
 * ```
 */
export function nodeKey<TKey = string>(typename: string, $id: Step<string | null | undefined>): Step<TKey | null> {
  return lambda([constant(typename), resolveStep('nodeKey', $id)], decodeKey) as Step<TKey | null>;
}
