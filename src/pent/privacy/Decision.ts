import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import type { Context, Loaded, PentObject, RuleSet } from '../contract.ts';

/** One run of rules over one object; `RuleContext` is the class. */
export interface RuleRun extends AskingContext {
  readonly $rules: RuleSet;
  /** Whether it has its object. Else it is lent to tests that answer at once, and nobody waits for what they ask. */
  readonly $isBound: boolean;
  readonly $record: KvetchObject;
  /** The object as rules get it. */
  readonly $subject: PentObject;
  $verdict: boolean | null;
  $failure: RuleFailure | null;
  /** What it decides. Null as long as it has not had to wait: then nobody has met it. */
  $decision: Decision | null;
  /** Whether another run has taken its place, or nobody waits for it any more. */
  $isOver: boolean;
  /** The answers that it was given within a circle. */
  $given: Map<Decision, boolean> | null;
}

/** An error of a rule, and where it was. */
export interface RuleFailure {
  readonly error: Error;
  readonly place: string;
}

/** Whether one object is readable, as a rule or a read asks. */
export interface Question {
  readonly inquiry: Inquiry;
  /** Its place in the inquiry. */
  readonly at: number;
  readonly target: Decision;
}

/** Questions that are asked together. */
export interface Inquiry {
  readonly isOver: boolean;
  /** The runs of rules that wait for the answer at a place. Empty where no rule asks. */
  askersAt(at: number): readonly RuleRun[];
  /** Whether many runs ask together, in one test: nobody knows for which of them. */
  readonly isShared: boolean;
  /** Notes a question that waits. The runs that begin to wait. */
  open(question: Question): readonly RuleRun[];
  /** The questions that a run waits for. */
  openOf(run: RuleRun): Iterable<Question>;
  /** A run goes on no more. The questions for whose answers nobody waits now. */
  leave(run: RuleRun, reason: unknown): readonly Question[];
  answer(at: number, verdict: boolean): void;
  fail(error: unknown): void;
}

/** Decisions that wait for each other; `Circle` is the class. */
export interface OpenCircle {
  readonly members: ReadonlySet<Decision>;
  /** Whether a member is readable by what is known so far. */
  isReadable(decision: Decision): boolean;
  /** The verdict of the latest run of a member; undefined while it runs. */
  latestOf(decision: Decision): boolean | undefined;
  /** The members whose rules have not answered: others wait for nothing. */
  readonly running: ReadonlySet<Decision>;
  /** Whether rules were told that another member is readable, or are about to run again: others that join begin anew with them. */
  readonly isUnderWay: boolean;
  /** The rules of a member have answered. */
  came(decision: Decision, verdict: boolean): void;
  /** Takes decisions in, and the circles that they are in. */
  join(decisions: ReadonlySet<Decision>): void;
  /** Its members are in another circle now. */
  leave(): void;
}

/** What runs of rules and circles need of `Decisions`. */
export interface DecisionEngine {
  /** The request's context, in which privacy applies. */
  readonly context: Context;
  /** The context of the test that is being called. */
  running: AskingContext | null;
  /** Whether objects are readable, for rules that wait for the answers. */
  ask(askers: readonly RuleRun[], records: readonly Loaded[], field: string | null): Promise<readonly boolean[]>;
  /** For `sameAs`: each run asks about one object. An object that could not be loaded is an error. */
  askEach(
    runs: readonly RuleRun[],
    records: readonly Loaded[],
    isOfStep: boolean,
    onAnswer: (run: RuleRun, at: number, answer: boolean | Error) => void,
  ): void;
  /** Whether the viewer is known to read the object with an id, without a question and without a read. */
  isKnownToBeReadable(id: unknown): boolean;
  /** Notes that `sameAs` has read an object for a run. */
  noteRead(run: RuleRun, id: unknown): void;
  /** A run of rules has its verdict. */
  decided(run: RuleRun, verdict: boolean, failure?: RuleFailure | null): void;
  answer(question: Question, verdict: boolean): void;
  /** Runs the rules of an object again, and alone: what they were doing counts no more. */
  runAlone(decision: Decision): void;
  settle(decision: Decision, verdict: boolean): void;
  /** Goes on behind what is under way, so that other work has its turn after many answers. */
  later(work: () => void, answered: number): void;
}

/** A context whose reads in the viewer's world are questions. */
export interface AskingContext extends Context {
  $ask(records: readonly Loaded[], field: string | null): ReturnType<Context['decide']>;
}

const NO_QUESTIONS: readonly Question[] = [];

/** Whether the viewer may read one object, or see one of its fields: under way, or decided. */
export class Decision {
  readonly record: KvetchObject;
  readonly rules: RuleSet;
  /** Whether only `sameAs` has led to it: no code of the application keeps its reads. */
  readonly isOfStep: boolean;
  verdict: boolean | null = null;
  /** The run of the rules whose verdict counts. Null when it is decided, or given up. */
  run: RuleRun | null = null;
  /** The circle of questions that it is in, as long as that is open. */
  circle: OpenCircle | null = null;
  /** The questions that wait for the verdict. */
  readonly askedBy: Set<Question> = new Set();
  /** The decisions whose rules were told a verdict of a circle that may still change. */
  toldTo: Set<Decision> | null = null;
  /** Those in which its rules ask. Those that are over are left out when the next one comes. */
  #inquiries: readonly Inquiry[] = [];

  constructor(record: KvetchObject, rules: RuleSet, isOfStep: boolean) {
    this.record = record;
    this.rules = rules;
    this.isOfStep = isOfStep;
  }

  /** The inquiries in which its rules ask. */
  get inquiries(): readonly Inquiry[] {
    return this.#inquiries;
  }

  /**
   * The questions of its rules that it waits for.
   *
   * @param known - shared inquiries that are left out; those that are met are added.
   */
  asks(known: Set<Inquiry> | null = null): Iterable<Question> {
    const { run } = this;
    const [only, ...others] = this.#inquiries;
    if (run === null || run.$verdict !== null || only === undefined) return NO_QUESTIONS;
    if (others.length === 0) return openOf(only, run, known);
    return this.#inquiries.flatMap((inquiry) => [...openOf(inquiry, run, known)]);
  }

  asksIn(inquiry: Inquiry): void {
    this.#inquiries = [...this.#inquiries.filter(({ isOver }) => !isOver), inquiry];
  }

  asksNoMore(): void {
    this.#inquiries = [];
  }

  /** Its name in messages. */
  get name(): string {
    const { pentClass, field } = this.rules;
    return `${pentClass.definition?.name}${field === null ? '' : `.${field}`} "${this.record.id}"`;
  }
}

function openOf(inquiry: Inquiry, run: RuleRun, known: Set<Inquiry> | null): Iterable<Question> {
  if (known !== null && inquiry.isShared) {
    if (known.has(inquiry)) return NO_QUESTIONS;
    known.add(inquiry);
  }
  return inquiry.openOf(run);
}
