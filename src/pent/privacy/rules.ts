import type { BatchTest, PentObject, Reason, Rule, RuleValue, Test } from '../contract.ts';

/** A test for one subject, or `{ many }` for a test that is given all subjects at once. */
export type AnyTest<TSubject, TViewer> = Test<TSubject, TViewer> | { readonly many: BatchTest<TSubject, TViewer> };

/**
 * Allows subjects for which `test` holds; others go on to the next rule. Rules see past
 * privacy: the subject, its methods, and what they load.
 *
 * ```ts
 * static override readonly privacy: Policy<Note, Viewer> = {
 *   read: [allowIf('author', (note, { viewer }) => note.author === viewer.id), denyIf('others', () => true)],
 * };
 * ```
 */
export function allowIf<TSubject, TViewer = unknown>(
  name: string,
  test: AnyTest<TSubject, TViewer>,
): Rule<TSubject, TViewer> {
  return { effect: 'allow', name, test };
}

/**
 * Allows objects whose attributes all have the value that is given, or one of several; null is for none. The store counts
 * lists that hold such objects alone: those that are declared with, or asked for, these values.
 *
 * ```ts
 * static override readonly privacy: Policy<Listing, Viewer> = {
 *   read: [allowWhere({ status: 'OPEN' }), allowIf('own', ({ sellerId }, { viewer }) => sellerId === viewer.id), denyAll],
 * };
 * ```
 */
export function allowWhere(values: Readonly<Record<string, RuleValue | readonly RuleValue[]>>): Rule<PentObject> {
  const where = new Map<string, readonly RuleValue[]>();
  for (const [attr, wanted] of Object.entries(values)) where.set(attr, [wanted].flat());
  const wanted = [...where];
  const test = ({ $record }: PentObject): boolean =>
    wanted.every(([attr, allowed]) => allowed.some((value) => value === ($record[attr] ?? null)));
  return { effect: 'allow', name: `allowWhere(${wanted.map(([attr]) => attr).join(', ')})`, test, where };
}

/**
 * Denies subjects for which `test` holds; others go on to the next rule.
 *
 * ```ts
 * denyIf('sold', ({ before }) => before.isSold, { message: 'It is sold. Make an offer for another one.', code: 'SOLD' })
 * ```
 *
 * @param reason - for rules about writes: what the client is told. Only of objects that the viewer may read.
 */
export function denyIf<TSubject, TViewer = unknown>(
  name: string,
  test: AnyTest<TSubject, TViewer>,
  reason?: Reason,
): Rule<TSubject, TViewer> {
  return { effect: 'deny', name, test, reason };
}

/** Denies subjects for which `test` does not hold, as `denyIf` does; others go on to the next rule. */
export function requireThat<TSubject, TViewer = unknown>(
  name: string,
  test: AnyTest<TSubject, TViewer>,
  reason?: Reason,
): Rule<TSubject, TViewer> {
  return { effect: 'require', name, test, reason };
}

/**
 * An object is readable if, and only if, the object whose id it stores in `attribute` is. As the only rule of a type it
 * also makes counts cheap: the entries of a parent's list are readable together, or not at all.
 *
 * ```ts
 * static override readonly privacy: Policy<Issue> = { read: [sameAs('project')] };
 * ```
 */
export function sameAs(attribute: string): Rule<PentObject> {
  return { effect: 'require', name: `sameAs(${attribute})`, test: { sameAs: attribute } };
}
