import { errorOf } from '../../errors/errorOf.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { PentObject, RuleSet, Verdicts } from '../contract.ts';
import { moveTo } from '../Pent.ts';
import type { DecisionEngine } from './Decision.ts';
import { badAnswer, type RuleBatch } from './RuleBatch.ts';
import { RuleContext } from './RuleContext.ts';

/** What rules have said of objects at once. */
export interface AnsweredAtOnce {
  /** The verdict on each, or the run that goes on deciding. Null: all are allowed. */
  readonly results: ReadonlyArray<boolean | RuleContext> | null;
  /** As in `Verdicts`. */
  readonly made: Verdicts['made'];
}

/**
 * Runs rules over objects that nobody has met, as far as their tests answer at once: mostly they look at
 * attributes. Such objects share one context, and the viewer gets the same instances: nothing was asked of them that
 * another world would answer otherwise. An object whose test waits, or that leads to another one, has a run of its own.
 */
export function answerAtOnce(
  engine: DecisionEngine,
  set: RuleSet,
  batch: RuleBatch,
  records: readonly KvetchObject[],
): AnsweredAtOnce {
  const { pentClass, rules, field, fallback } = set;
  let isShared = field === null && !engine.context.model.fieldRules.has(pentClass);
  let spare = new RuleContext(engine, set);
  let results: (boolean | RuleContext)[] | null = null;
  const made = new Array<PentObject | null>(records.length);
  let lastKnown: unknown;
  /** Runs that come to a rule which decides on many at once, by the rule. */
  const together = new Map<number, RuleContext[]>();
  for (let at = 0; at < records.length; at++) {
    const record = itemAt(records, at);
    const pent = new pentClass(record, spare);
    const result = answerOne(record, pent);
    if (result !== true) results ??= new Array<boolean | RuleContext>(records.length).fill(true);
    if (results !== null) results[at] = result;
    made[at] = result === true ? pent : null;
    if (typeof result !== 'boolean' || (result && isShared && !moveTo(pent, engine.context))) isShared = false;
  }
  for (const [index, runs] of together) batch.run(runs, index);
  return { results, made: isShared ? made : null };

  function answerOne(record: KvetchObject, pent: PentObject): boolean | RuleContext {
    for (let index = 0; index < rules.length; index++) {
      const rule = itemAt(rules, index);
      const { test } = rule;
      if (typeof test !== 'function') {
        if ('sameAs' in test && isKnown(record[test.sameAs])) {
          if (rule.effect === 'require') continue;
          return rule.effect === 'allow';
        }
        const run = bind(record, pent);
        getOrCreate(together, index, () => []).push(run);
        return run;
      }
      let answer: unknown;
      engine.running = spare;
      try {
        answer = test(pent, spare);
        if (isPromiseLike(answer)) answer = Promise.resolve(answer);
      } catch (thrown) {
        answer = errorOf(thrown);
      }
      engine.running = null;
      if (spare.$isUsed || answer instanceof Promise) {
        const run = bind(record, pent);
        batch.goOn(run, index, answer);
        return run;
      }
      if (typeof answer !== 'boolean') {
        const error = answer instanceof Error ? answer : badAnswer(rule, answer);
        engine.context.report(error, `privacy rule "${rule.name}"`);
        return false;
      }
      if (answer !== (rule.effect === 'require')) return rule.effect === 'allow';
    }
    return fallback;
  }

  /** Neighbours in a list mostly have the same one. */
  function isKnown(parent: unknown): boolean {
    if (parent !== lastKnown && engine.isKnownToBeReadable(parent)) lastKnown = parent;
    return parent !== undefined && parent === lastKnown;
  }

  function bind(record: KvetchObject, pent: PentObject): RuleContext {
    const run = spare.$bind(record, pent);
    spare = new RuleContext(engine, set);
    return run;
  }
}
