import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import type { Context, Loaded, PentObject, RuleSet, Verdicts } from '../contract.ts';
import { InnerContext } from '../InnerContext.ts';
import type { Decision, DecisionEngine, RuleFailure, RuleRun } from './Decision.ts';

/**
 * One run of rules over one object, and the context that they get. Before it is bound to its object, it
 * is lent to tests that answer at once.
 */
export class RuleContext<TViewer = unknown> extends InnerContext<TViewer> implements RuleRun {
  readonly $decisions: DecisionEngine;
  readonly $rules: RuleSet;
  $record!: KvetchObject;
  $subject!: PentObject;
  $isBound = false;
  /** Whether an object has been asked for it. */
  $isUsed = false;
  $verdict: boolean | null = null;
  $failure: RuleFailure | null = null;
  $decision: Decision | null = null;
  $isOver = false;
  $given: Map<Decision, boolean> | null = null;

  constructor(decisions: DecisionEngine, rules: RuleSet) {
    super(decisions.context);
    this.$decisions = decisions;
    this.$rules = rules;
  }

  override get $used(): Context<TViewer> {
    this.$isUsed = true;
    return this;
  }

  get isRestricted(): boolean {
    return true;
  }

  /** @param subject - the object as rules get it. */
  $bind(record: KvetchObject, subject: PentObject = new this.$rules.pentClass(record, this)): this {
    this.$record = record;
    this.$subject = subject;
    this.$isBound = true;
    return this;
  }

  $ask(records: readonly Loaded[], field: string | null): Promise<Verdicts> {
    this.$isUsed = true;
    return verdictsOf(this.$decisions.ask([this], records, field));
  }
}

/** The context of a test that decides for many objects at once. */
export class GroupContext<TViewer = unknown> extends InnerContext<TViewer> {
  readonly #decisions: DecisionEngine;
  readonly #runs: readonly RuleRun[];

  constructor(decisions: DecisionEngine, runs: readonly RuleRun[]) {
    super(decisions.context);
    this.#decisions = decisions;
    this.#runs = runs;
  }

  get isRestricted(): boolean {
    return true;
  }

  $ask(records: readonly Loaded[], field: string | null): Promise<Verdicts> {
    return verdictsOf(this.#decisions.ask(this.#runs, records, field));
  }
}

async function verdictsOf(answers: Promise<readonly boolean[]>): Promise<Verdicts> {
  return { answers: await answers, made: null };
}
