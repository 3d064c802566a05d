import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { BatchTest, Context, PentObject, Rule } from '../contract.ts';
import { canReadParents } from './readability.ts';
import { toError } from './toError.ts';

/** Decides for one subject. The tests of a batch start together, so that their loads share calls. */
export type Test<TSubject, TViewer> = (subject: TSubject, context: Context<TViewer>) => MaybePromise<boolean>;

/** A test for one subject, or `{ many }` for a test that is given all subjects at once. */
export type AnyTest<TSubject, TViewer> = Test<TSubject, TViewer> | { readonly many: BatchTest<TSubject, TViewer> };

/**
 * Allows subjects for which `test` holds; others go on to the next rule. Rules read past privacy: their loads reach no
 * response.
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
  return { effect: 'allow', name, test: batched(test) };
}

/** Denies subjects for which `test` holds; others go on to the next rule. */
export function denyIf<TSubject, TViewer = unknown>(
  name: string,
  test: AnyTest<TSubject, TViewer>,
): Rule<TSubject, TViewer> {
  return { effect: 'deny', name, test: batched(test) };
}

/** Denies subjects for which `test` does not hold; others go on to the next rule. */
export function requireThat<TSubject, TViewer = unknown>(
  name: string,
  test: AnyTest<TSubject, TViewer>,
): Rule<TSubject, TViewer> {
  return { effect: 'require', name, test: batched(test) };
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
  return {
    effect: 'require',
    name: `sameAs(${attribute})`,
    parent: attribute,
    test: (pents, context) => canReadParents(context, pents, attribute),
  };
}

/** A subject whose test fails is an error in its place: the others are decided. */
function batched<TSubject, TViewer>(test: AnyTest<TSubject, TViewer>): BatchTest<TSubject, TViewer> {
  if (typeof test !== 'function') return test.many;
  return (subjects, context) => {
    const answers = subjects.map((subject): MaybePromise<boolean | Error> => {
      try {
        const answer = test(subject, context);
        return isPromiseLike(answer) ? Promise.resolve(answer).catch(toError) : answer;
      } catch (error) {
        return toError(error);
      }
    });
    return answers.some(isPromiseLike) ? Promise.all(answers) : (answers as ReadonlyArray<boolean | Error>);
  };
}
