import { type DocumentNode, parse, validate } from 'graphql';
import { createEngine } from '../../../src/index.ts';
import { createIdGenerator } from '../../../src/kvetch/ids/createIdGenerator.ts';
import { createKvetch, type Kvetch } from '../../../src/kvetch.ts';
import { PentContext } from '../../../src/pent.ts';
import { Random } from '../../fuzz/Random.ts';
import type { OpenBackend } from '../../kvetch/backends.ts';
import type { Application, List, Type } from './application.ts';
import { Cursors } from './Cursors.ts';
import { codeOf, codesOf, Difference, type Problem } from './compare.ts';
import { earlier } from './earlier.ts';
import { type Generated, generatedFrom } from './generated.ts';
import { makeApplication } from './makeApplication.ts';
import { type Doc, makeDocument } from './makeDocument.ts';
import { Oracle, type Row, type Viewer } from './Oracle.ts';
import { resolveBy } from './resolvers.ts';
import { openStore, type StoreName } from './stores.ts';

export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly store: StoreName;
  /** Prints each step. */
  readonly trace?: boolean;
}

/** A request, as the engine takes it. */
export interface Request {
  readonly document: DocumentNode;
  readonly viewer: Viewer;
  readonly variableValues: Record<string, unknown>;
}

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly Problem[] | undefined;
}

interface Done<T> {
  readonly code: null;
  readonly value: T;
}

/** What became of a write. */
export type Outcome<T> = Done<T> | { readonly code: string; readonly message: string };

/** What mutations give as `m`. */
export interface Payload {
  readonly object?: { readonly id: string; readonly status?: unknown } | null;
  readonly deletedId?: string | null;
}

/** How many documents there are at once. */
const DOCUMENTS = 14;

/** An application with its store, and the oracle beside it. */
export class ApplicationRun {
  readonly options: RunOptions;
  readonly random: Random;
  /** With all its lists. */
  readonly application: Application;
  readonly oracle: Oracle;
  readonly cursors: Cursors = new Cursors();
  readonly viewers: Viewer[] = [
    { name: 'ann', id: null },
    { name: 'bob', id: null },
    { name: null, id: null },
  ];
  readonly documents: { readonly doc: Doc; readonly document: DocumentNode }[] = [];
  /** Ids that were made, by the order in which they were. */
  readonly ids: string[] = [];
  /** What privacy rules and observers failed with. */
  readonly failures: string[] = [];
  readonly counts = { asked: 0, written: 0, refused: 0 };
  /** Lists that are declared later; null when all are there from the start. */
  readonly later: ReadonlySet<List> | null;
  /** The processes over the store. */
  kvetches: readonly Kvetch[] = [];
  isBig = false;
  /** With the lists that it has now. */
  current: Application;
  #generated!: Generated;
  #engine!: ReturnType<typeof createEngine>;
  #storeOptions!: Omit<Parameters<typeof createKvetch>[0], 'schema'>;
  #lastNote = '';
  #notes = 0;
  #ms = 1_800_000_000_000;
  readonly #turns: Random;

  private constructor(options: RunOptions) {
    const { seed } = options;
    this.options = options;
    this.application = makeApplication(seed);
    this.random = new Random(seed * 7919 + 1);
    this.#turns = new Random(seed + 5);
    this.oracle = new Oracle(this.application);
    const before = this.random.chance(0.5) ? earlier(this.application, this.random) : null;
    this.current = before?.application ?? this.application;
    this.later = before?.later ?? null;
    this.elapse(0);
  }

  static async open(options: RunOptions): Promise<ApplicationRun> {
    const run = new ApplicationRun(options);
    await run.#generate();
    run.#open(await openStore(options.store));
    run.isBig = run.random.chance(0.25);
    run.#makeDocuments();
    return run;
  }

  async #generate(): Promise<void> {
    this.#generated = await generatedFrom(this.current);
    resolveBy(this.oracle, this.clientSchema);
    this.#engine = createEngine({ schema: this.#generated.schema });
  }

  #open(backend: OpenBackend): void {
    const { random } = this;
    const clock = (): number => this.#ms;
    const digits = new Random(this.options.seed + 11);
    const generator = createIdGenerator({ clock, random: (below) => digits.below(below) });
    const next = (shard: number | null): string => {
      const id = generator.next(shard);
      this.ids.push(id);
      return id;
    };
    this.#storeOptions = {
      ...backend,
      ...{ clock, ids: { next } },
      ...(random.chance(0.5) && { batching: true }),
      ...(random.chance(0.3) && { processCache: { ttlMs: 60_000 } }),
    };
    // what a process keeps in its cache may be stale in others
    const isShared = random.chance(0.4) && this.#storeOptions.processCache === undefined;
    this.kvetches = Array.from({ length: isShared ? 2 : 1 }, () => this.#kvetch());
  }

  #kvetch(): Kvetch {
    return createKvetch({ ...this.#storeOptions, schema: this.#generated.kvetchSchema });
  }

  #makeDocuments(): void {
    this.documents.length = 0;
    for (let n = 0; n < DOCUMENTS; n++) {
      const doc = makeDocument(this.random, this.current, this.clientSchema);
      this.documents.push({ doc, document: this.parse(doc.text) });
    }
  }

  /** Declares the lists that were to come later, for all processes. */
  async evolve(): Promise<void> {
    this.current = this.application;
    await this.#generate();
    this.note('the lists of a later schema');
    this.oracle.begin(this.later ?? new Set());
    this.kvetches = this.kvetches.map(() => this.#kvetch());
    this.#makeDocuments();
  }

  get clientSchema(): Generated['clientSchema'] {
    return this.#generated.clientSchema;
  }

  /** Some process. */
  get kvetch(): Kvetch {
    return this.#turns.pick(this.kvetches);
  }

  get now(): number {
    return this.#ms;
  }

  elapse(ms: number): void {
    this.#ms += ms;
    this.oracle.now = this.#ms;
  }

  note(text: string): void {
    this.#lastNote = text;
    this.#notes++;
    if (this.options.trace) console.log(text);
  }

  difference(text: string): Difference {
    return new Difference(`${text}\n${this.place()}`);
  }

  /** Where the run is. */
  place(): string {
    const { seed, store } = this.options;
    return `seed ${seed}, ${store}, note ${this.#notes}:\n  ${this.#lastNote.slice(0, 700)}`;
  }

  parse(text: string): DocumentNode {
    const document = parse(text);
    const [problem] = validate(this.clientSchema, document);
    if (problem !== undefined) throw new Error(`${problem.message}\n${text}`);
    return document;
  }

  /** The engine, or one that has planned nothing yet. */
  engine(isCold: boolean): ReturnType<typeof createEngine> {
    return isCold ? createEngine({ schema: this.#generated.schema }) : this.#engine;
  }

  requestArgs({
    document,
    viewer,
    variableValues,
  }: Request): Parameters<ReturnType<typeof createEngine>['execute']>[0] {
    const { schema, model } = this.#generated;
    const onError = (error: Error): void => void this.failures.push(error.message);
    const kvetch = this.random.pick(this.kvetches);
    const contextValue = new PentContext({ kvetch, model, viewer, viewerId: viewer.id, onError });
    return { schema, document, contextValue, variableValues };
  }

  async execute(request: Request): Promise<Answer> {
    const engine = this.engine(this.random.chance(0.2));
    return (await engine.execute(this.requestArgs(request))) as Answer;
  }

  /** Runs a mutation with one field, `m`. */
  async mutate(text: string, variableValues: Record<string, unknown>, viewer: Viewer): Promise<Outcome<Payload>> {
    this.note(`${text} as ${viewer.name} ${JSON.stringify(variableValues)}`);
    const document = this.parse(text);
    const { data, errors } = await this.execute({ document, viewer, variableValues });
    const [code] = codesOf(errors);
    if (code !== undefined) return { code, message: String(errors?.[0]?.message) };
    return { code: null, value: (data as { readonly m: Payload }).m };
  }

  /** Writes to the store. */
  async write<T>(text: string, work: () => Promise<T>): Promise<Outcome<T>> {
    this.note(text);
    try {
      return { code: null, value: await work() };
    } catch (error) {
      return { code: codeOf(error), message: String(error) };
    }
  }

  /** Whether a write was done; throws where it should not have been, or should. */
  isDone<T>(outcome: Outcome<T>, refusals: ReadonlySet<string>): outcome is Done<T> {
    if (outcome.code === null) {
      if (refusals.size > 0) throw this.difference(`A write was done that should be refused: ${[...refusals]}`);
      this.counts.written++;
      return true;
    }
    this.counts.refused++;
    if (refusals.has(outcome.code)) return false;
    const wanted = refusals.size === 0 ? 'done' : [...refusals].join();
    throw this.difference(`A write was refused with ${outcome.code} (${outcome.message}), and should be ${wanted}`);
  }

  /** The objects that are there. */
  live(type: Type | null = null): readonly Row[] {
    return this.oracle.rows.filter((row) => this.oracle.isThere(row) && (type === null || row.type === type));
  }

  listNamed(name: string): List {
    return this.application.lists.find((list) => list.name === name) as List;
  }
}
