import type { Inquiry, RuleRun } from './Decision.ts';

const NOBODY: readonly RuleRun[] = [];

/** Questions of one asker, who goes on when all of them are answered. */
export class JointInquiry implements Inquiry {
  isOver = false;
  readonly answers: boolean[];
  readonly promise: Promise<readonly boolean[]>;
  readonly askers: readonly RuleRun[];
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

  answer(at: number, verdict: boolean): void {
    if (this.isOver) return;
    this.answers[at] = verdict;
    if (--this.#open > 0) return;
    this.isOver = true;
    this.#resolve(this.answers);
  }

  fail(error: unknown): void {
    this.isOver = true;
    this.#reject(error);
  }
}

/** One question of each of many runs, which go on one by one. */
export class SeparateInquiry implements Inquiry {
  readonly isOver = false;
  readonly #runs: readonly RuleRun[];
  readonly #onAnswer: (at: number, verdict: boolean) => void;

  constructor(runs: readonly RuleRun[], onAnswer: (at: number, verdict: boolean) => void) {
    this.#runs = runs;
    this.#onAnswer = onAnswer;
  }

  askersAt(at: number): readonly RuleRun[] {
    return this.#runs.slice(at, at + 1);
  }

  answer(at: number, verdict: boolean): void {
    this.#onAnswer(at, verdict);
  }

  /** One of its runs is given up: the others go on. */
  fail(): void {}
}
