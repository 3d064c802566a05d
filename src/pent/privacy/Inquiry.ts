import type { Inquiry, Question, RuleRun } from './Decision.ts';

const NOBODY: readonly RuleRun[] = [];

/** Whether somebody waits for what a run has asked. A test that answered at once may ask all the same. */
export function isRunning({ $isOver, $verdict }: RuleRun): boolean {
  return !$isOver && $verdict === null;
}

/** Questions of one asker, who goes on when all of them are answered. */
export class JointInquiry implements Inquiry {
  isOver = false;
  readonly answers: boolean[];
  readonly promise: Promise<readonly boolean[]>;
  readonly askers: readonly RuleRun[];
  readonly #questions = new Map<number, Question>();
  #isWaiting = false;
  #open: number;
  #resolve!: (answers: readonly boolean[]) => void;
  #reject!: (error: unknown) => void;

  /**
   * @param answers - a place for each; those that are known already are in theirs.
   * @param open - how many are not.
   * @param askers - several where one test decides for many objects.
   */
  constructor(answers: boolean[], open: number, askers: readonly RuleRun[] = NOBODY) {
    this.askers = askers;
    this.answers = answers;
    this.#open = open;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The asker may not wait for it any more.
    this.promise.catch(() => {});
  }

  askersAt(): readonly RuleRun[] {
    return this.askers;
  }

  get isShared(): boolean {
    return this.askers.length > 1;
  }

  open(question: Question): readonly RuleRun[] {
    const begin = this.#isWaiting ? NOBODY : this.askers;
    this.#isWaiting = true;
    this.#questions.set(question.at, question);
    return begin;
  }

  openOf(): Iterable<Question> {
    return this.#questions.values();
  }

  leave(_run: RuleRun, reason: unknown): readonly Question[] {
    if (this.isOver || this.askers.some(isRunning)) return [];
    const open = [...this.#questions.values()];
    this.fail(reason);
    return open;
  }

  answer(at: number, verdict: boolean): void {
    if (this.isOver) return;
    this.#questions.delete(at);
    this.answers[at] = verdict;
    if (--this.#open > 0) return;
    this.isOver = true;
    this.#resolve(this.answers);
  }

  fail(error: unknown): void {
    this.isOver = true;
    this.#questions.clear();
    this.#reject(error);
  }
}

/** One question of each of many runs, which go on one by one. */
export class SeparateInquiry implements Inquiry {
  readonly isOver = false;
  readonly isShared = false;
  readonly #runs: readonly RuleRun[];
  readonly #onAnswer: (at: number, verdict: boolean) => void;
  readonly #questions = new Map<RuleRun, Question>();

  constructor(runs: readonly RuleRun[], onAnswer: (at: number, verdict: boolean) => void) {
    this.#runs = runs;
    this.#onAnswer = onAnswer;
  }

  askersAt(at: number): readonly RuleRun[] {
    return this.#runs.slice(at, at + 1);
  }

  open(question: Question): readonly RuleRun[] {
    const askers = this.askersAt(question.at);
    for (const run of askers) this.#questions.set(run, question);
    return askers;
  }

  openOf(run: RuleRun): Iterable<Question> {
    const question = this.#questions.get(run);
    return question === undefined ? [] : [question];
  }

  leave(run: RuleRun): readonly Question[] {
    const open = [...this.openOf(run)];
    this.#questions.delete(run);
    return open;
  }

  answer(at: number, verdict: boolean): void {
    for (const run of this.askersAt(at)) this.#questions.delete(run);
    this.#onAnswer(at, verdict);
  }

  /** One of its runs is given up: the others go on. */
  fail(): void {}
}
