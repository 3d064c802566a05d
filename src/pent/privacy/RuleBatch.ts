import { errorOf } from '../../errors/errorOf.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { BatchTest, Rule, RuleSet, Test } from '../contract.ts';
import { PentError } from '../errors.ts';
import { readRecords } from '../reads/readRecords.ts';
import type { DecisionEngine, RuleRun } from './Decision.ts';
import { GroupContext } from './RuleContext.ts';

const NO_RUNS: readonly RuleRun[] = [];

/**
 * Runs one set of rules over many objects. Each goes on as soon as its own test has answered: none waits for
 * another one that happens to be read with it. Those whose tests answer together stay together.
 */
export class RuleBatch {
  readonly #decisions: DecisionEngine;
  readonly #rules: readonly Rule[];
  readonly #fallback: boolean;
  readonly #isOfStep: boolean;
  /** The runs that have just got an answer, and go on behind a rule. */
  readonly #arrived = new Map<number, RuleRun[]>();

  constructor(decisions: DecisionEngine, { rules, fallback }: RuleSet, isOfStep: boolean) {
    this.#decisions = decisions;
    this.#rules = rules;
    this.#fallback = fallback;
    this.#isOfStep = isOfStep;
  }

  /** Goes on from a rule, with the runs that no rule before it has decided. */
  run(runs: readonly RuleRun[], from = 0): void {
    let open = runs;
    for (let index = from; index < this.#rules.length && open.length > 0; index++) {
      const { test } = itemAt(this.#rules, index);
      if (typeof test === 'function') open = this.#askEach(test, index, open);
      else if ('many' in test) open = this.#askTogether(test.many, index, open);
      else open = this.#askParents(test.sameAs, index, open);
    }
    for (const run of open) this.#decisions.decided(run, this.#fallback);
  }

  /** Goes on with a run when its test has answered. */
  goOn(run: RuleRun, index: number, answer: unknown): void {
    if (answer instanceof Promise) {
      answer.then(
        (settled: unknown) => this.#arrive(run, index, settled),
        (thrown: unknown) => this.#arrive(run, index, errorOf(thrown)),
      );
    } else if (this.#goesOn(run, index, answer)) this.run([run], index + 1);
  }

  /** As the next two, returns the runs that go on at once. */
  #askEach(test: Test, index: number, runs: readonly RuleRun[]): readonly RuleRun[] {
    const decisions = this.#decisions;
    const open: RuleRun[] = [];
    for (const run of runs) {
      let answer: unknown;
      decisions.running = run;
      try {
        answer = test(run.$subject, run);
        if (isPromiseLike(answer)) answer = Promise.resolve(answer);
      } catch (thrown) {
        answer = errorOf(thrown);
      }
      decisions.running = null;
      if (answer instanceof Promise) this.goOn(run, index, answer);
      else if (this.#goesOn(run, index, answer)) open.push(run);
    }
    return open;
  }

  #askTogether(many: BatchTest, index: number, runs: readonly RuleRun[]): readonly RuleRun[] {
    const [first] = runs;
    if (first === undefined) return runs;
    const decisions = this.#decisions;
    const context = runs.length === 1 ? first : new GroupContext(decisions, runs);
    const apply = (given: unknown): readonly RuleRun[] => {
      const answers = listOf(given, runs.length) ?? badBatch(itemAt(this.#rules, index), runs.length);
      return runs.filter((run, at) => this.#goesOn(run, index, answers instanceof Error ? answers : answers[at]));
    };
    let answers: unknown;
    decisions.running = context;
    try {
      answers = many(
        runs.map(({ $subject }) => $subject),
        context,
      );
      if (isPromiseLike(answers)) answers = Promise.resolve(answers);
    } catch (thrown) {
      answers = errorOf(thrown);
    }
    decisions.running = null;
    if (!(answers instanceof Promise)) return apply(answers);
    answers.catch(errorOf).then((settled: unknown) => this.run(apply(settled), index + 1));
    return NO_RUNS;
  }

  #askParents(attribute: string, index: number, runs: readonly RuleRun[]): readonly RuleRun[] {
    const decisions = this.#decisions;
    const ids = runs.map(({ $record }) => $record[attribute]);
    const records = readRecords(decisions.context, ids, { isOfStep: this.#isOfStep });
    void chain(records, (found) =>
      decisions.askEach(runs, found, this.#isOfStep, (run, at, answer) => {
        decisions.noteRead(run, ids[at]);
        this.#arrive(run, index, answer);
      }),
    );
    return NO_RUNS;
  }

  /** Goes on with a run, and with others that get their answers in the same moment. */
  #arrive(run: RuleRun, index: number, answer: unknown): void {
    if (!this.#goesOn(run, index, answer)) return;
    if (this.#arrived.size === 0) queueMicrotask(() => this.#continue());
    getOrCreate(this.#arrived, index, () => []).push(run);
  }

  #continue(): void {
    const arrived = [...this.#arrived];
    this.#arrived.clear();
    for (const [index, runs] of arrived) this.run(runs, index + 1);
  }

  /** Whether a rule leaves the decision to the next one. */
  #goesOn(run: RuleRun, index: number, answer: unknown): boolean {
    if (run.$isOver || run.$verdict !== null) return false;
    const rule = itemAt(this.#rules, index);
    if (typeof answer !== 'boolean') {
      const failure = answer instanceof Error ? answer : badAnswer(rule, answer);
      this.#decisions.decided(run, false, { error: failure, place: `privacy rule "${rule.name}"` });
      return false;
    }
    if (answer === (rule.effect === 'require')) return true;
    this.#decisions.decided(run, rule.effect === 'allow');
    return false;
  }
}

/** The answers of a test for many: null where they are no list of this length. What an object's getter throws is one, too. */
function listOf(given: unknown, length: number): readonly unknown[] | Error | null {
  if (given instanceof Error) return given;
  try {
    return Array.isArray(given) && given.length === length ? [...given] : null;
  } catch (thrown) {
    return errorOf(thrown);
  }
}

export function badAnswer({ name }: Rule, answer: unknown): PentError {
  return new PentError('BAD_RULE', `The privacy rule "${name}" answered ${typeof answer}. Answer true or false.`);
}

export function badBatch({ name }: Rule, count: number): PentError {
  return new PentError(
    'BAD_RULE',
    `The privacy rule "${name}" must answer a list of ${count} booleans, one for each subject.`,
  );
}
