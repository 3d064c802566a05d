import { PentError } from '../errors.ts';
import type { Decision, DecisionEngine, OpenCircle, Question } from './Decision.ts';

/** The rules of so many objects run before other work may have its turn. */
const AT_ONCE = 512;
/** So many objects of a circle are named. */
const MAX_NAMED = 8;

/**
 * Decisions that wait for each other. A question within the circle is answered by what is known so far: "no" at first.
 * When all rules have answered, those that were given another answer than that of now run again, round by round, until
 * nothing changes. For rules that allow more where more is readable, this is the least fixpoint: whatever is readable
 * is so for a reason outside of the circle. It depends on no order: rounds are simultaneous, and a circle that grows
 * after answers of "yes" begins anew.
 *
 * A rule may also deny an object because another one is readable that is so only as long as the first is not. Such a
 * "yes" that becomes a "no" stays "no".
 */
export class Circle implements OpenCircle {
  readonly members: ReadonlySet<Decision>;
  readonly #members = new Set<Decision>();
  readonly #decisions: DecisionEngine;
  /** Those that are readable by the rounds so far. */
  readonly #readable = new Set<Decision>();
  /** The verdicts of the latest run of each. */
  readonly #latest = new Map<Decision, boolean>();
  /** Those whose rules are running. */
  readonly #running = new Set<Decision>();
  readonly #contradicted = new Set<Decision>();
  /** Those whose verdicts have come since the latest round ended. */
  readonly #came = new Set<Decision>();
  /** Those whose rules are about to run again. */
  #waiting: readonly Decision[] = [];
  #hasGivenYes = false;

  constructor(decisions: DecisionEngine) {
    this.#decisions = decisions;
    this.members = this.#members;
  }

  get running(): ReadonlySet<Decision> {
    return this.#running;
  }

  get isUnderWay(): boolean {
    return this.#hasGivenYes || this.#waiting.length > 0;
  }

  leave(): void {
    this.#waiting = [];
  }

  isReadable(decision: Decision): boolean {
    return this.#readable.has(decision);
  }

  latestOf(decision: Decision): boolean | undefined {
    return this.#latest.get(decision);
  }

  /** Takes decisions in, and the circles that they are in. Their rules are running, or have run in these circles. */
  join(decisions: ReadonlySet<Decision>): void {
    const others = new Set(
      [...decisions].flatMap(({ circle }) => (circle === null || circle === this ? [] : [circle])),
    );
    const isAnew = this.isUnderWay || [...others].some(({ isUnderWay }) => isUnderWay);
    for (const circle of others) circle.leave();
    const joined = [...decisions].filter(({ circle }) => circle !== this);
    for (const decision of joined) {
      const verdict = decision.circle?.latestOf(decision);
      if (verdict === undefined) this.#running.add(decision);
      else {
        this.#latest.set(decision, verdict);
        this.#came.add(decision);
      }
      this.#members.add(decision);
      decision.circle = this;
    }
    if (isAnew) this.#beginAnew();
    else this.#answerWithin(joined);
  }

  /** The rules of a member have answered. */
  came(decision: Decision, verdict: boolean): void {
    this.#latest.set(decision, verdict);
    this.#came.add(decision);
    this.#running.delete(decision);
    if (this.#running.size === 0) this.#endRound();
  }

  #beginAnew(): void {
    this.#readable.clear();
    this.#latest.clear();
    this.#contradicted.clear();
    this.#came.clear();
    this.#hasGivenYes = false;
    this.#runAgain([...this.#members]);
  }

  /** Nothing within is known to be readable: so the open questions of new members, and about them, are answered. */
  #answerWithin(joined: readonly Decision[]): void {
    this.#inTurns(joined, (decision) => {
      if (decision.circle !== this) return;
      const asked = [...decision.askedBy].filter((question) => this.#isWithin(question));
      for (const question of [...decision.asks(), ...asked]) {
        const { target } = question;
        if (target.circle === this) this.#decisions.answer(question, this.isReadable(target));
      }
    });
    if (this.#running.size === 0) this.#endRound();
  }

  /** Does something with each, so that other work has its turn after many. */
  #inTurns(decisions: readonly Decision[], act: (decision: Decision) => void): void {
    for (const decision of decisions.slice(0, AT_ONCE)) act(decision);
    const rest = decisions.slice(AT_ONCE);
    if (rest.length > 0) this.#decisions.later(() => this.#inTurns(rest, act), AT_ONCE);
  }

  /** Whether a member asks. */
  #isWithin({ inquiry, at }: Question): boolean {
    return inquiry.askersAt(at).some(({ $decision }) => $decision?.circle === this);
  }

  #endRound(): void {
    const changed: Decision[] = [];
    for (const decision of this.#came) {
      const was = this.#readable.has(decision);
      const is = this.#latest.get(decision) === true && !this.#contradicted.has(decision);
      if (was === is) continue;
      changed.push(decision);
      if (is) this.#readable.add(decision);
      else {
        this.#readable.delete(decision);
        this.#contradicted.add(decision);
      }
    }
    this.#came.clear();
    const again = this.#outdatedBy(changed);
    if (again.length === 0) this.#end();
    else {
      this.#hasGivenYes = true;
      this.#runAgain(again);
    }
  }

  /** The members whose rules were given an answer that is another one now. */
  #outdatedBy(changed: readonly Decision[]): readonly Decision[] {
    const outdated = new Set<Decision>();
    for (const target of changed) {
      const isReadable = this.#readable.has(target);
      for (const asker of target.toldTo ?? []) {
        const given = asker.run?.$given?.get(target);
        if (asker.circle !== this || given === undefined || given === isReadable) continue;
        if (!this.#contradicted.has(asker)) outdated.add(asker);
      }
    }
    return [...outdated];
  }

  #runAgain(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      this.#running.add(decision);
      this.#latest.delete(decision);
    }
    this.#waiting = decisions;
    this.#runSome();
  }

  #runSome(): void {
    const some = this.#waiting.slice(0, AT_ONCE);
    this.#waiting = this.#waiting.slice(AT_ONCE);
    for (const decision of some) if (decision.circle === this) this.#decisions.runAlone(decision);
    if (this.#waiting.length > 0) this.#decisions.later(() => this.#runSome(), AT_ONCE);
  }

  #end(): void {
    const { report } = this.#decisions.context;
    for (const decision of this.#contradicted) report(contradiction(decision), 'privacy rules');
    for (const decision of this.#members) decision.circle = null;
    this.#inTurns([...this.#members], (decision) => {
      // Else it was given up meanwhile.
      if (decision.run !== null) this.#decisions.settle(decision, this.#readable.has(decision));
    });
  }
}

/** Names a circle, once. */
export function circleError(chain: readonly Decision[]): PentError<'RULES_IN_CIRCLE'> {
  const names = chain.slice(0, MAX_NAMED).map(({ name }) => name);
  if (chain.length > MAX_NAMED) names.push(`${chain.length - MAX_NAMED} more`);
  const [first = ''] = names;
  return new PentError(
    'RULES_IN_CIRCLE',
    `Privacy rules ask in a circle: ${[...names, first].join(' -> ')}. None of these is readable because of another one of them. Break the circle of sameAs() and canRead().`,
  );
}

function contradiction(decision: Decision): PentError<'RULES_CONTRADICT'> {
  return new PentError(
    'RULES_CONTRADICT',
    `The privacy rules of ${decision.name} allow it only as long as they deny it: they deny it because of an object whose own rules ask about it. It is hidden. Break the circle of sameAs() and canRead().`,
  );
}
