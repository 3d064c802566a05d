import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { areDistinct } from '../../utils/areDistinct.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { groupBy } from '../../utils/groupBy.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, Loaded, RuleSet, Verdicts } from '../contract.ts';
import { PentError } from '../errors.ts';
import type { KnownPents } from '../KnownPents.ts';
import { readRecords } from '../reads/readRecords.ts';
import { answerAtOnce } from './answerAtOnce.ts';
import { Circle, circleError } from './Circle.ts';
import { circleThrough } from './circleThrough.ts';
import {
  type AskingContext,
  Decision,
  type DecisionEngine,
  type Inquiry,
  type Question,
  type RuleFailure,
  type RuleRun,
} from './Decision.ts';
import { isRunning, JointInquiry, SeparateInquiry } from './Inquiry.ts';
import { RuleBatch } from './RuleBatch.ts';
import { DECISIONS_A_TURN, type RuleBudget } from './RuleBudget.ts';
import { RuleContext } from './RuleContext.ts';
import { rulesOf } from './readability.ts';
import { type Ending, Waits } from './Waits.ts';

/** So many decisions are kept by each set of rules. Beyond, those that are made are forgotten: they would be made again. */
const MAX_KEPT = 50_000;

/** So many questions are answered before other work may have its turn. */
const MANY_QUESTIONS = 1_024;
/** So many decisions are looked at for circles, before it may. */
const MANY_LOOKED_AT = 20_000;

/** The context for which a rule's test is being called in this moment. */
export const around: { context: Context | null } = { context: null };

/** What rules have asked, to be answered when those who ask at the same time have asked. */
interface Asked {
  readonly inquiry: Inquiry;
  readonly records: readonly Loaded[];
  readonly field: string | null;
  readonly isOfStep: boolean;
  /** How many of the records were asked about already. */
  taken: number;
}

/** Whether an object may be read, or what decides on it, or the place where the same object is. */
type Found = boolean | Decision | number;

interface OneClass {
  readonly rules: RuleSet;
  readonly records: readonly KvetchObject[];
}

/** Records of one type on which nobody has decided, and their places. */
interface FreshRecords {
  readonly records: KvetchObject[];
  readonly places: number[];
}

/**
 * Decides which objects the viewer may read, and which fields of them: each once, until something is written. Rules may ask about other
 * objects. The waiting is known as a graph, so a circle is found where it closes (see `Circle`), and depth has no limit.
 *
 * An object whose rules wait for nothing is decided at once, and has no `Decision` unless it is hidden: `KnownPents`
 * has the readable ones. Verdicts on fields are all kept.
 */
export class Decisions implements DecisionEngine {
  /** The request's context, in which privacy applies. */
  readonly context: Context;
  #running: AskingContext | null = null;
  #outer: Context | null = null;
  readonly #known: KnownPents;
  readonly #budget: RuleBudget;
  readonly #waits: Waits;
  /** By the rules that decide, and by id. */
  readonly #kept = new Map<RuleSet, Map<string, Decision>>();
  readonly #open = new Set<Decision>();
  #asked: Asked[] = [];
  /** The ids that `sameAs` has read for decisions, where somebody hears of reads. */
  readonly #readFor = new Map<string, readonly unknown[]>();

  constructor(context: Context, known: KnownPents, budget: RuleBudget, endings: () => readonly Ending[]) {
    this.context = context;
    this.#known = known;
    this.#budget = budget;
    this.#waits = new Waits(endings, (reason) => this.#giveUp(reason));
  }

  /** The context of the test that is being called: what is read in the viewer's world meanwhile, it asks. */
  get running(): AskingContext | null {
    return this.#running;
  }

  set running(asking: AskingContext | null) {
    if (asking !== null) this.#outer = around.context;
    around.context = asking === null ? this.#outer : this.context;
    this.#running = asking;
  }

  /**
   * Whether the viewer may read each of these objects, or see a field of each; null where there is nothing to hide. Other
   * values are "yes".
   */
  decide(records: readonly Loaded[], field: string | null): MaybePromise<Verdicts | null> {
    if (this.running !== null) return this.running.$ask(records, field);
    if (records.length > DECISIONS_A_TURN) return this.#decideInParts(records, field);
    const turn = this.#budget.turn();
    if (turn === null) return this.#decideNow(records, field);
    return this.#waits.whileOpen(turn).then(() => this.#decideNow(records, field));
  }

  async #decideInParts(records: readonly Loaded[], field: string | null): Promise<Verdicts> {
    const parts: (readonly Loaded[])[] = [];
    for (let at = 0; at < records.length; at += DECISIONS_A_TURN) parts.push(records.slice(at, at + DECISIONS_A_TURN));
    const verdicts = await Promise.all(parts.map(async (part) => this.decide(part, field)));
    return {
      answers: verdicts.flatMap((of, n) => of?.answers ?? itemAt(parts, n).map(() => true)),
      made: null,
    };
  }

  #decideNow(records: readonly Loaded[], field: string | null): MaybePromise<Verdicts | null> {
    if (this.#isRecorded) this.#recordAgain(records, true);
    const whole = this.#wholeClass(records, field);
    if (whole !== null) return this.#verdicts(records, ...this.#decideWhole(whole));
    const fresh = new Map<RuleSet, FreshRecords>();
    const found = this.#find(records, field, fresh);
    if (found === null) return null;
    this.#decideFresh(found, fresh);
    return this.#verdicts(records, found, null);
  }

  /** What was found, as soon as all of it is decided. */
  #verdicts(
    records: readonly Loaded[],
    found: readonly Found[] | null,
    made: Verdicts['made'],
  ): MaybePromise<Verdicts> {
    if (found === null) return { answers: null, made };
    const answers = new Array<boolean>(found.length);
    const open: Omit<Question, 'inquiry'>[] = [];
    let isAnyHidden = false;
    for (let at = 0; at < found.length; at++) {
      const place = itemAt(found, at);
      const known = typeof place === 'number' ? itemAt(found, place) : place;
      if (known instanceof Decision) open.push({ at, target: known });
      else {
        answers[at] = known === true;
        isAnyHidden ||= known === false;
      }
    }
    if (open.length === 0) return { answers: isAnyHidden ? answers : null, made };
    const inquiry = new JointInquiry(answers, open.length);
    for (const question of open) question.target.askedBy.add({ inquiry, ...question });
    this.#waits.add(inquiry);
    return this.#recording(inquiry.promise, records, true).then((all) => ({ answers: all, made }));
  }

  /** The same for rules, which wait for the answers. */
  ask(askers: readonly RuleRun[], records: readonly Loaded[], field: string | null): Promise<readonly boolean[]> {
    if (records.length === 0) return Promise.resolve([]);
    const inquiry = new JointInquiry(new Array(records.length).fill(false), records.length, askers);
    this.#answerLater({ inquiry, records, field, isOfStep: false, taken: 0 });
    return this.#recording(inquiry.promise, records, false);
  }

  /** For `sameAs`: each run asks about one object. An object that could not be loaded is an error. */
  askEach(
    runs: readonly RuleRun[],
    records: readonly Loaded[],
    isOfStep: boolean,
    onAnswer: (run: RuleRun, at: number, answer: boolean | Error) => void,
  ): void {
    const inquiry = new SeparateInquiry(runs, (at, verdict) => {
      const record = records[at] ?? null;
      onAnswer(itemAt(runs, at), at, record instanceof Error ? record : record !== null && verdict);
    });
    this.#answerLater({ inquiry, records, field: null, isOfStep, taken: 0 });
  }

  /** A run of rules has its verdict. */
  decided(run: RuleRun, verdict: boolean, failure: RuleFailure | null = null): void {
    if (run.$isOver || run.$verdict !== null) return;
    run.$verdict = verdict;
    run.$failure = failure;
    const { $decision: decision } = run;
    if (decision === null) this.#report(run);
    else if (decision.circle === null) this.settle(decision, verdict);
    else decision.circle.came(decision, verdict);
  }

  settle(decision: Decision, verdict: boolean): void {
    if (decision.run !== null) this.#report(decision.run);
    decision.verdict = verdict;
    decision.run = null;
    this.#open.delete(decision);
    const { askedBy } = decision;
    const answerAll = (): void => {
      for (const question of askedBy) this.answer(question, verdict);
    };
    // One answer leads to the next verdict, and so on along a chain of any length.
    if (isAskedByRules(askedBy)) this.#budget.inTurn(answerAll);
    else answerAll();
  }

  answer(question: Question, verdict: boolean): void {
    const { inquiry, at, target } = question;
    target.askedBy.delete(question);
    if (target.verdict === null) {
      for (const run of inquiry.askersAt(at)) {
        run.$given ??= new Map();
        run.$given.set(target, verdict);
        target.toldTo ??= new Set();
        if (run.$decision !== null) target.toldTo.add(run.$decision);
      }
    }
    inquiry.answer(at, verdict);
  }

  /** Runs the rules of an object again, and alone: what they were doing counts no more. */
  runAlone(decision: Decision): void {
    const { run, record, rules, isOfStep } = decision;
    if (run !== null) run.$isOver = true;
    this.#forgetQuestions(decision);
    const again = new RuleContext(this, rules).$bind(record);
    again.$decision = decision;
    decision.run = again;
    try {
      this.#budget.use(1);
    } catch (error) {
      this.fail(error);
      return;
    }
    new RuleBatch(this, rules, isOfStep).run([again]);
  }

  /** The viewer has it already: lists are mostly read from the object as which theirs are readable. */
  isKnownToBeReadable(id: unknown): boolean {
    // A read that somebody hears of is told for each object that depends on it.
    return typeof id === 'string' && !this.#isRecorded && this.#known.hasId(id);
  }

  /** Notes that `sameAs` has read an object for a run. */
  noteRead({ $record }: RuleRun, id: unknown): void {
    if (!this.#isRecorded) return;
    const above = typeof id === 'string' ? (this.#readFor.get(id) ?? []) : [];
    this.#readFor.set($record.id, [...(this.#readFor.get($record.id) ?? []), id, ...above]);
  }

  /** What is known of objects; others are added to `fresh`. Null where all are readable. */
  #find(records: readonly Loaded[], field: string | null, fresh: Map<RuleSet, FreshRecords>): Found[] | null {
    let found: Found[] | null = null;
    // The places of fresh ones, as soon as one may be there twice. Ids of lists mostly rise.
    let places: Map<string, number> | null = null;
    let lastId = '';
    let lastType = -1;
    let rules: RuleSet | null = null;
    let own: FreshRecords | null = null;
    for (let at = 0; at < records.length; at++) {
      const record = records[at];
      if (record == null || record instanceof Error) continue;
      if (record.typeId !== lastType) {
        lastType = record.typeId;
        rules = rulesOf(this.context.model, lastType, field);
        own = rules === null ? null : getOrCreate(fresh, rules, () => ({ records: [], places: [] }));
      }
      if (rules === null || own === null) continue;
      let place: Found | null = this.#keptOn(record, rules);
      if (place === true) continue;
      if (place === null) {
        if (places === null && record.id > lastId) lastId = record.id;
        else places ??= placesOf(fresh);
        const other = places?.get(record.id) ?? at;
        place = isSame(records[other], record) ? other : at;
        if (place === at) {
          own.records.push(record);
          own.places.push(at);
          places?.set(record.id, at);
        }
      }
      found ??= new Array<Found>(records.length).fill(true);
      found[at] = place;
    }
    return found;
  }

  /** Decides on objects that nobody has met. */
  #decideFresh(found: Found[], fresh: ReadonlyMap<RuleSet, FreshRecords>): void {
    for (const [rules, { records, places }] of fresh) {
      const [own] = this.#decideWhole({ rules, records });
      for (let n = 0; n < places.length; n++) found[itemAt(places, n)] = own === null ? true : itemAt(own, n);
    }
  }

  /** What was found is null where all are readable. */
  #decideWhole({ rules, records }: OneClass): [found: readonly Found[] | null, made: Verdicts['made']] {
    this.#budget.use(records.length);
    const { results, made } = answerAtOnce(this, rules, new RuleBatch(this, rules, true), records);
    if (results === null && rules.field === null) return [null, made];
    const found = records.map((record, n): Found => {
      const result = results === null ? true : itemAt(results, n);
      if (result === true && rules.field === null) return true;
      const decision = this.#keep(record, rules, result, true);
      return decision.verdict ?? decision;
    });
    return [found, made];
  }

  /** Different records of one class with rules, the first ones of it; null where they must be looked at one by one. */
  #wholeClass(records: readonly Loaded[], field: string | null): OneClass | null {
    const [first] = records;
    if (first == null || first instanceof Error) return null;
    if (field === null && this.#known.hasType(first.typeId)) return null;
    const rules = rulesOf(this.context.model, first.typeId, field);
    if (rules === null || (this.#kept.get(rules)?.size ?? 0) > 0 || !areAlike(records)) return null;
    return { rules, records };
  }

  /** The verdict on an object, or its decision; null where there is none. */
  #keptOn(record: KvetchObject, rules: RuleSet): boolean | Decision | null {
    if (rules.field === null && this.#known.has(record)) return true;
    const decision = this.#kept.get(rules)?.get(record.id);
    if (decision === undefined || decision.record.version !== record.version) return null;
    return decision.verdict ?? decision;
  }

  /** Runs the rules over objects on which rules have asked for a decision. */
  #start(runs: readonly RuleRun[], isOfStep: boolean): void {
    this.#budget.use(runs.length);
    for (const [rules, own] of groupBy(runs, ({ $rules }) => $rules)) {
      new RuleBatch(this, rules, isOfStep).run(own);
    }
  }

  /** From now on others meet the decision on an object. */
  #keep(record: KvetchObject, rules: RuleSet, made: boolean | RuleRun, isOfStep: boolean): Decision {
    const decision = new Decision(record, rules, isOfStep);
    decision.verdict = typeof made === 'boolean' ? made : made.$verdict;
    if (typeof made !== 'boolean' && made.$verdict === null) {
      decision.run = made;
      made.$decision = decision;
      this.#open.add(decision);
    }
    const kept = getOrCreate(this.#kept, rules, () => new Map<string, Decision>());
    if (kept.size >= MAX_KEPT) for (const [id, { verdict }] of kept) if (verdict !== null) kept.delete(id);
    kept.set(record.id, decision);
    return decision;
  }

  /** Answers together what is asked in one moment; where somebody hears of reads, each where it was asked. */
  #answerLater(asked: Asked): void {
    if (this.#isRecorded) return this.#budget.later(() => this.#answerAll([asked]));
    if (this.#asked.length === 0) {
      this.#budget.later(() => {
        const all = this.#asked;
        this.#asked = [];
        this.#answerAll(all);
      });
    }
    this.#asked.push(asked);
  }

  #answerAll(all: readonly Asked[]): void {
    const fresh = new Map<Decision, RuleRun>();
    // Only a question about a decision that is under way already can close a circle: a new one waits for nobody.
    const late: Question[] = [];
    let count = 0;
    let next = 0;
    for (; next < all.length && count < MANY_QUESTIONS; next++) {
      const asked = itemAt(all, next);
      for (; asked.taken < asked.records.length && !asked.inquiry.isOver && count < MANY_QUESTIONS; count++) {
        const question = this.#ask(asked, asked.taken++, fresh);
        if (question !== null && !fresh.has(question.target)) late.push(question);
      }
      if (asked.taken < asked.records.length && !asked.inquiry.isOver) break;
    }
    try {
      for (const isOfStep of [true, false]) {
        const runs = [...fresh].flatMap(([decision, run]) => (decision.isOfStep === isOfStep ? [run] : []));
        this.#start(runs, isOfStep);
      }
    } catch (error) {
      this.fail(error);
    }
    this.#closeCircles(late);
    this.#budget.answered(count);
    if (next < all.length) this.#budget.later(() => this.#answerAll(all.slice(next)));
  }

  /** Answers a question of a rule, or returns it as one that waits. */
  #ask({ inquiry, records, field, isOfStep }: Asked, at: number, fresh: Map<Decision, RuleRun>): Question | null {
    const askers = inquiry.askersAt(at);
    if (askers.every(({ $isOver }) => $isOver)) {
      inquiry.fail(superseded());
      return null;
    }
    const target = this.#verdictOrDecision(records[at], field, isOfStep, fresh);
    if (typeof target === 'boolean') {
      inquiry.answer(at, target);
      return null;
    }
    const question = { inquiry, at, target };
    if (target.circle !== null && isWithin(question)) {
      this.answer(question, target.circle.isReadable(target));
      return null;
    }
    target.askedBy.add(question);
    for (const run of inquiry.open(question)) if (isRunning(run)) run.$decision?.asksIn(inquiry);
    return question;
  }

  #verdictOrDecision(
    record: Loaded,
    field: string | null,
    isOfStep: boolean,
    fresh: Map<Decision, RuleRun>,
  ): boolean | Decision {
    if (record == null || record instanceof Error) return false;
    const { model } = this.context;
    const rules = rulesOf(model, record.typeId, field);
    if (rules === null) return model.find(record.typeId) !== null;
    const kept = this.#keptOn(record, rules);
    if (kept !== null) return kept;
    const run = new RuleContext(this, rules).$bind(record);
    const decision = this.#keep(record, rules, run, isOfStep);
    fresh.set(decision, run);
    return decision;
  }

  #closeCircles(late: readonly Question[]): void {
    const looked = { at: 0 };
    for (const [n, question] of late.entries()) {
      this.#closeCircle(question, looked);
      if (looked.at < MANY_LOOKED_AT) continue;
      const rest = late.slice(n + 1);
      this.#budget.answered(MANY_QUESTIONS);
      if (rest.length > 0) this.#budget.later(() => this.#closeCircles(rest));
      return;
    }
  }

  /** A question about a decision that is under way: does that wait for the asker? */
  #closeCircle(question: Question, looked: { at: number }): void {
    while (question.target.askedBy.has(question) && !isWithin(question)) {
      const found = circleThrough(question, looked);
      if (found === null) return;
      if (found.joint.size === 0) {
        const circles = [...found.decisions].flatMap(({ circle }) => circle ?? []);
        if (circles.length === 0) this.context.report(circleError(found.chain), 'privacy rules');
        (circles[0] ?? new Circle(this)).join(found.decisions);
        return;
      }
      for (const { askers } of found.joint) for (const run of askers) this.#separate(run);
    }
  }

  later(work: () => void, answered: number): void {
    this.#budget.answered(answered);
    this.#budget.later(work);
  }

  /** It was in a test of many objects at once, and nobody knows for which of them that has asked. */
  #separate(run: RuleRun): void {
    if (run.$decision !== null && isRunning(run)) this.runAlone(run.$decision);
  }

  #forgetQuestions(decision: Decision, reason: unknown = superseded()): void {
    const { run, inquiries } = decision;
    decision.asksNoMore();
    if (run === null) return;
    for (const inquiry of inquiries) {
      for (const question of inquiry.leave(run, reason)) question.target.askedBy.delete(question);
    }
  }

  #report({ $failure }: RuleRun): void {
    if ($failure !== null) this.context.report($failure.error, $failure.place);
  }

  /** Nothing that waits for a decision gets one. */
  fail(error: unknown): void {
    this.#waits.failAll(error);
    this.#giveUp(error);
  }

  /** Nobody waits any more. */
  #giveUp(reason: unknown): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const { run } of open) if (run !== null) run.$isOver = true;
    for (const decision of open) {
      this.#forgetQuestions(decision, reason);
      decision.run = null;
      decision.circle = null;
      this.#kept.get(decision.rules)?.delete(decision.record.id);
    }
  }

  get #isRecorded(): boolean {
    return this.context.kvetch.reads.isRecorded;
  }

  #recording(
    answers: Promise<readonly boolean[]>,
    records: readonly Loaded[],
    isOfStep: boolean,
  ): Promise<readonly boolean[]> {
    if (!this.#isRecorded) return answers;
    return answers.then((verdicts) => {
      this.#recordAgain(records, isOfStep);
      return verdicts;
    });
  }

  /** A decision that was made for somebody else depends on the same reads. The store knows these objects. */
  #recordAgain(records: readonly Loaded[], isOfStep: boolean): void {
    const ids = new Set<unknown>();
    for (const record of records) {
      if (record == null || record instanceof Error) continue;
      for (const id of this.#readFor.get(record.id) ?? []) ids.add(id);
    }
    if (ids.size > 0) readRecords(this.context, [...ids], { isOfStep });
  }
}

function isAskedByRules(questions: ReadonlySet<Question>): boolean {
  for (const { inquiry, at } of questions) if (inquiry.askersAt(at).length > 0) return true;
  return false;
}

/** Whether the only asker is in the circle of what it asks about: the circle answers. */
function isWithin({ inquiry, at, target }: Question): boolean {
  const [asker, ...others] = inquiry.isShared ? [] : inquiry.askersAt(at);
  return target.circle !== null && others.length === 0 && asker?.$decision?.circle === target.circle;
}

/** Whether records are of one type, and none is there twice: ids of lists mostly rise. */
function areAlike(records: readonly Loaded[]): records is readonly KvetchObject[] {
  let last: KvetchObject | null = null;
  let isRising = true;
  for (const record of records) {
    if (record == null || record instanceof Error) return false;
    if (last !== null && record.typeId !== last.typeId) return false;
    if (last !== null && isRising) isRising = last.id < record.id;
    last = record;
  }
  return isRising || areDistinct(records.map((record) => (record as KvetchObject).id));
}

/** The places of fresh records, by id. */
function placesOf(fresh: ReadonlyMap<RuleSet, FreshRecords>): Map<string, number> {
  const placed = new Map<string, number>();
  for (const { records, places } of fresh.values()) {
    for (const [n, record] of records.entries()) placed.set(record.id, itemAt(places, n));
  }
  return placed;
}

function isSame(one: Loaded, other: KvetchObject): boolean {
  return one != null && !(one instanceof Error) && one.version === other.version;
}

function superseded(): PentError<'RULE_GIVEN_UP'> {
  return new PentError('RULE_GIVEN_UP', 'Nobody waits for this run of a privacy rule any more.');
}
