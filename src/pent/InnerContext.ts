import type { Kvetch } from '../kvetch/Kvetch.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import { ContextOfPents } from './ContextOfPents.ts';
import type { Context, Loaded, PentModel, Verdicts, ViewerId } from './contract.ts';

/**
 * The context of rules and hooks. Its objects are those of the unrestricted world, and lead to others of it. They lead
 * back to it as well: so a question of privacy is known to be its own, from whichever object it is asked.
 */
export abstract class InnerContext<TViewer = unknown> extends ContextOfPents implements Context<TViewer> {
  /** The request's context, in which privacy applies. */
  readonly $request: Context<TViewer>;

  constructor(request: Context<TViewer>) {
    super();
    this.$request = request;
  }

  abstract readonly isRestricted: boolean;

  protected get self(): Context<TViewer> {
    return this;
  }

  /** Asks whether the viewer may read objects, or see a field of them. */
  abstract $ask(records: readonly Loaded[], field: string | null): MaybePromise<Verdicts | null>;

  get $used(): Context<TViewer> {
    return this;
  }

  get seesAll(): boolean {
    return true;
  }

  get model(): PentModel {
    return this.$request.model;
  }

  get viewer(): TViewer {
    return this.$request.viewer;
  }

  get viewerId(): ViewerId {
    return this.$request.viewerId;
  }

  get clock(): () => number {
    return this.$request.clock;
  }

  get kvetch(): Kvetch {
    return this.$request.kvetch;
  }

  get scope(): object {
    return this.$request.scope;
  }

  get current(): Context<TViewer> {
    return this;
  }

  get unrestricted(): Context<TViewer> {
    return this;
  }

  get viewers(): Context<TViewer> {
    return new AskingContext(this.$request, this);
  }

  report(error: Error, place: string): void {
    this.$request.report(error, place);
  }

  whileOpen<T>(work: Promise<T>): Promise<T> {
    return this.$request.whileOpen(work);
  }

  decide(_records: readonly Loaded[], _field: string | null = null): MaybePromise<Verdicts | null> {
    return null;
  }

  newId(...args: Parameters<Context['newId']>): string {
    return this.$request.newId(...args);
  }

  mayCreateAs(id: string): boolean {
    return this.seesAll || this.$request.mayCreateAs(id);
  }

  beginWrite(): Kvetch {
    return this.$request.beginWrite();
  }

  forget(): void {
    this.$forgetPents();
    this.$request.forget();
  }
}

/** The viewer's world as rules and hooks look into it: their reads there are their questions. */
class AskingContext<TViewer> extends InnerContext<TViewer> {
  readonly #asker: InnerContext<TViewer>;

  constructor(request: Context<TViewer>, asker: InnerContext<TViewer>) {
    super(request);
    this.#asker = asker;
  }

  override get seesAll(): boolean {
    return false;
  }

  get isRestricted(): boolean {
    return true;
  }

  override get unrestricted(): Context<TViewer> {
    return this.#asker;
  }

  override get viewers(): Context<TViewer> {
    return this;
  }

  override decide(records: readonly Loaded[], field: string | null = null): MaybePromise<Verdicts | null> {
    return this.$ask(records, field);
  }

  $ask(records: readonly Loaded[], field: string | null): MaybePromise<Verdicts | null> {
    return this.#asker.$ask(records, field);
  }
}

/** The context of validators, triggers and observers. */
export class HookContext<TViewer> extends InnerContext<TViewer> {
  readonly isRestricted: boolean;

  /** @param context - that of the write. */
  constructor(context: Context<TViewer>) {
    super(context instanceof InnerContext ? context.$request : context.viewers);
    this.isRestricted = !context.seesAll;
  }

  $ask(records: readonly Loaded[], field: string | null): MaybePromise<Verdicts | null> {
    return this.$request.decide(records, field);
  }
}
