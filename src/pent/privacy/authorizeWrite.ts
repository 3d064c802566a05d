import { errorOf } from '../../errors/errorOf.ts';
import type { Change, Context, PentClass, Rule } from '../contract.ts';
import { PentError, safeError } from '../errors.ts';
import { HookContext } from '../InnerContext.ts';
import { storedRecord } from './hiddenFields.ts';
import { badAnswer, badBatch } from './RuleBatch.ts';

/**
 * Refuses a write that no rule allows. The client is told the reason of the rule that denies it: it may read the object,
 * or it would have been told that there is none.
 *
 * @throws SafeError `FORBIDDEN`, or the code of the rule's reason.
 */
export async function authorizeWrite(context: Context, pentClass: PentClass, change: Change): Promise<void> {
  if (context.seesAll) return;
  const denied = await context.whileOpen(deniedBy(context, pentClass, change));
  if (denied === null) return;
  const { message = `You may not ${change.kind} this ${change.type}.`, code = 'FORBIDDEN' } = denied.reason ?? {};
  throw safeError(code, message);
}

/** The rule that denies a write; null where it is allowed. A rule that fails denies, and gives no reason. */
async function deniedBy(context: Context, { privacy }: PentClass, given: Change): Promise<Pick<Rule, 'reason'> | null> {
  const inner = new HookContext(context);
  const change = inUnrestricted(given, inner);
  for (const rule of privacy[given.kind] ?? privacy.write ?? []) {
    let isMet: unknown;
    try {
      isMet = await ask(rule, change, inner);
      if (isMet instanceof Error) throw isMet;
      if (typeof isMet !== 'boolean') throw badAnswer(rule, isMet);
    } catch (thrown) {
      context.report(errorOf(thrown), `privacy rule "${rule.name}"`);
      return {};
    }
    if (isMet === (rule.effect === 'require')) continue;
    return rule.effect === 'allow' ? null : rule;
  }
  return context.model.byDefault === 'allow' ? null : {};
}

async function ask(rule: Rule, change: Change, context: Context): Promise<unknown> {
  const { test } = rule;
  if (typeof test === 'function') return test(change, context);
  if ('sameAs' in test) {
    throw new PentError('BAD_RULE', `The privacy rule "${rule.name}" is for reads, and cannot decide on a write.`);
  }
  const answers = await test.many([change], context);
  if (!Array.isArray(answers) || answers.length !== 1) throw badBatch(rule, 1);
  return answers[0];
}

/** A write as rules and hooks get it: its objects are those of the unrestricted world. */
export function inUnrestricted<TChange extends Change>(change: TChange, inner: HookContext<unknown>): TChange {
  const { before } = change;
  return before === null ? change : { ...change, before: inner.wrap(storedRecord(before.$record)) };
}
