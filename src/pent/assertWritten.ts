import type { Policy } from './contract.ts';
import { PentError } from './errors.ts';

/** A member that a hand-written class must have. */
export interface HandWritten {
  readonly owner: object & { readonly name?: string; readonly prototype?: object };
  readonly name: string;
  /**
   * A method of its objects, or a static one; a policy is static `privacy` with `read`, a write policy one with rules for
   * writes, a field policy one with rules for `fields`.
   */
  readonly kind: 'method' | 'static' | 'policy' | 'writePolicy' | 'fieldPolicy';
  readonly fields?: readonly string[];
  /** The text to begin with. */
  readonly stub: string;
}

/**
 * Throws for all members that the classes of `pents/` lack, with text to paste into each. Generated code calls it before
 * anything else.
 *
 * @throws PentError `NOT_IMPLEMENTED`
 */
export function assertWritten(all: readonly HandWritten[]): void {
  const missing = all.filter((one) => !isWritten(one));
  if (missing.length === 0) return;
  const byClass = new Map<string, string[]>();
  for (const { owner, stub } of missing) {
    const name = String(owner.name);
    byClass.set(name, [...(byClass.get(name) ?? []), stub]);
  }
  const places = missing.map(({ owner, name }) => `${owner.name}.${name}`).join(', ');
  const stubs = [...byClass].map(
    ([name, own]) => `// pents/${name}.ts, in class ${name}\n${own.map((stub) => `${indented(stub)}\n`).join('\n')}`,
  );
  throw new PentError(
    'NOT_IMPLEMENTED',
    `The schema leaves ${places} to hand-written code, which is not there. Paste this, and fill it in:\n\n${stubs.join('\n')}`,
  );
}

function isWritten({ owner, name, kind, fields = [] }: HandWritten): boolean {
  if (kind === 'static') return typeof Reflect.get(owner, name) === 'function';
  if (kind === 'policy') return hasRules(owner, name, ['read']);
  if (kind === 'writePolicy') return hasRules(owner, name, ['write', 'create', 'update', 'delete']);
  if (kind === 'fieldPolicy') {
    const rules = (Reflect.get(owner, 'privacy') as Policy | undefined)?.fields ?? {};
    return fields.every((field) => Object.hasOwn(rules, field));
  }
  const { value, get } = descriptorOf(owner.prototype ?? null, name) ?? {};
  return typeof value === 'function' || get !== undefined;
}

function hasRules(owner: object, name: string, lists: readonly string[]): boolean {
  const policy: unknown = Reflect.get(owner, name);
  return typeof policy === 'object' && policy !== null && lists.some((list) => Reflect.get(policy, list) !== undefined);
}

/** The descriptor of a property of an object, its own or inherited. */
export function descriptorOf(object: object | null, name: string): PropertyDescriptor | undefined {
  if (object === null) return undefined;
  return Object.getOwnPropertyDescriptor(object, name) ?? descriptorOf(Object.getPrototypeOf(object), name);
}

function indented(text: string): string {
  return text.replace(/^(?=[^\n])/gm, '  ');
}
