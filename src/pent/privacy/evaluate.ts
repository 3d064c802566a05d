import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, Rule } from '../contract.ts';
import { PentError } from '../errors.ts';
import { toError } from './toError.ts';

/**
 * Runs rules over a batch of subjects. One verdict for each; a subject is denied when a rule could not decide on it,
 * and the error is reported to the context: an answer that is an error would tell that the subject exists.
 */
export function evaluate<TSubject>(
  rules: readonly Rule[],
  subjects: readonly TSubject[],
  fallback: boolean,
  context: Context,
): MaybePromise<readonly boolean[]> {
  const verdicts = new Array<boolean>(subjects.length).fill(fallback);
  const finished = runFrom(
    0,
    subjects.map((_, at) => at),
  );
  return isPromiseLike(finished) ? finished.then(() => verdicts) : verdicts;

  function runFrom(first: number, undecided: readonly number[]): MaybePromise<void> {
    let open = undecided;
    for (let index = first; index < rules.length && open.length > 0; index++) {
      const rule = itemAt(rules, index);
      const answers = ask(
        rule,
        open.map((at) => subjects[at]),
        context,
      );
      if (isPromiseLike(answers)) {
        const asked = open;
        return answers.then((settled) => runFrom(index + 1, apply(rule, asked, settled)));
      }
      open = apply(rule, open, answers);
    }
    return undefined;
  }

  /** Returns the subjects that the rule has not decided. */
  function apply(rule: Rule, open: readonly number[], answers: ReadonlyArray<boolean | Error>): readonly number[] {
    return open.filter((at, n) => {
      const answer = answers[n];
      if (typeof answer !== 'boolean') {
        context.report(answer instanceof Error ? answer : badAnswer(rule, answer), `privacy rule "${rule.name}"`);
        verdicts[at] = false;
        return false;
      }
      if (answer === (rule.effect === 'require')) return true;
      verdicts[at] = rule.effect === 'allow';
      return false;
    });
  }
}

function ask(
  { name, test }: Rule,
  subjects: readonly unknown[],
  context: Context,
): MaybePromise<ReadonlyArray<boolean | Error>> {
  const failed = (thrown: unknown): readonly Error[] => subjects.map(() => toError(thrown));
  const checked = (answers: ReadonlyArray<boolean | Error>): ReadonlyArray<boolean | Error> =>
    Array.isArray(answers) && answers.length === subjects.length ? answers : failed(badBatch(name, subjects.length));
  try {
    const answers = test(subjects, context);
    return isPromiseLike(answers) ? Promise.resolve(answers).then(checked, failed) : checked(answers);
  } catch (thrown) {
    return failed(thrown);
  }
}

function badAnswer({ name }: Rule, answer: unknown): PentError {
  return new PentError('BAD_RULE', `The privacy rule "${name}" answered ${typeof answer}. Answer true or false.`);
}

function badBatch(name: string, count: number): PentError {
  return new PentError(
    'BAD_RULE',
    `The privacy rule "${name}" must answer a list of ${count} booleans, one a subject.`,
  );
}
