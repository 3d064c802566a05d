import type { Plan } from '../../../plan/Plan.ts';
import { functionOf } from '../../../utils/functionOf.ts';
import { getOrCreate } from '../../../utils/getOrCreate.ts';
import { nextTurn } from '../../../utils/nextTurn.ts';
import { decodeUtf8 } from '../../../utils/utf8.ts';
import type { LinkedPlan } from '../../link/LinkedPlan.ts';
import { type ByteSink, DATA, giveBack, takeSink } from '../ByteSink.ts';
import { parsed } from '../jsonLeaf.ts';
import type { OutputCompiler } from '../OutputCompiler.ts';
import { BUBBLE, type Complete, type ResponseState } from '../ResponseState.ts';
import { objectsWritten } from '../writeComposite.ts';
import { FusedPositions } from './FusedPositions.ts';
import { type FormSource, FusedWriter } from './FusedWriter.ts';
import { fusedBytes } from './fusedBytes.ts';
import { byteHelpers, objectHelpers } from './fusedHelpers.ts';
import { fusedObjects } from './fusedObjects.ts';
import { Hotness } from './Hotness.ts';

/** A root value on which no property is found, as on `undefined`. */
const NOTHING: unknown = Object.freeze(Object.create(null));

type Generate<TWriter> = (linked: LinkedPlan, compiler: OutputCompiler) => TWriter | null;

type WriteBytes = (state: ResponseState, value: unknown, sink: ByteSink) => typeof BUBBLE | undefined;

/** Writes responses as objects: by closures, which are the meaning, and by one generated function where the plan is hot. */
export function hotObjects(linked: LinkedPlan, compiler: OutputCompiler): Complete {
  const whole = compiler.root();
  const generated = new GeneratedWriter(linked, compiler, generateObjects);
  return (state, value, row) => {
    const write = generated.for(state, value);
    return write === null ? generated.measured(whole, state, value, row) : write(state, value ?? NOTHING, row);
  };
}

/**
 * Writes responses as UTF-8 in a `ByteSink` where the plan is hot; otherwise as objects, whose text is the response. Pending positions have
 * no place in bytes: those that were written become an object. After a response with pending positions the next one is an object from the
 * begin.
 */
export function hotBytes(linked: LinkedPlan, compiler: OutputCompiler): Complete {
  const objects = getOrCreate(linked.writers, hotObjects, () => hotObjects(linked, compiler)) as Complete;
  const whole = compiler.root();
  const generated = new GeneratedWriter(linked, compiler, generateBytes);
  let hadPending = false;
  const write: Complete = (state, value, row) => {
    if (hadPending) return objects(state, value, row);
    const writer = generated.for(state, value);
    if (writer === null) return generated.measured(whole, state, value, row);
    return writtenBytes(writer, state, value ?? NOTHING);
  };
  return (state, value, row) => {
    const data = write(state, value, row);
    hadPending = state.pending.length > 0;
    return data;
  };
}

function writtenBytes(write: WriteBytes, state: ResponseState, value: unknown): unknown {
  const sink = takeSink(state.driver.linked);
  const isLost = write(state, value, sink) === BUBBLE;
  if (!isLost && state.pending.length === 0) return sink;
  const data = isLost ? BUBBLE : parsed(decodeUtf8(sink.view(DATA.length)));
  giveBack(sink);
  return data;
}

const generateObjects: Generate<Complete> = (linked, compiler) =>
  generate(linked, compiler, fusedObjects, objectHelpers);
const generateBytes: Generate<WriteBytes> = (linked, compiler) => generate(linked, compiler, fusedBytes, byteHelpers);

function generate<TWriter>(
  linked: LinkedPlan,
  compiler: OutputCompiler,
  form: FormSource,
  helpers: object,
): TWriter | null {
  const positions = new FusedPositions(compiler);
  const source = new FusedWriter(linked, positions, form).write();
  const values = [positions.positions, positions.names, positions.field, ...Object.values(helpers)];
  return functionOf(source, ['positions', 'names', 'field', ...Object.keys(helpers)], values) as TWriter | null;
}

/** The generated function of a plan, once the plan is hot. A plan that has grown gets another when it is hot again. */
class GeneratedWriter<TWriter> {
  readonly #linked: LinkedPlan;
  readonly #compiler: OutputCompiler;
  readonly #generate: Generate<TWriter>;
  #writer: TWriter | null = null;
  #outputs = -1;
  #heat = new Hotness();
  #isMade = false;

  constructor(linked: LinkedPlan, compiler: OutputCompiler, generate: Generate<TWriter>) {
    this.#linked = linked;
    this.#compiler = compiler;
    this.#generate = generate;
  }

  /** Null: closures write this response. They write those in parts, those of runs that are not done, and those of odd roots. */
  for({ selection, run, driver }: ResponseState, value: unknown): TWriter | null {
    if (selection !== null || run !== driver.state || run.listFailures !== null) return null;
    if (typeof value !== 'object' && value !== undefined) return null;
    const { plan, source } = this.#linked;
    if (this.#outputs !== plan.outputs.length) {
      this.#outputs = plan.outputs.length;
      this.#writer = null;
      this.#heat = new Hotness();
      this.#isMade = false;
    }
    if (!this.#isMade && (source.codegen === 'always' || this.#heat.isBusy)) this.#make();
    return this.#writer;
  }

  /** Writes by closures, and counts what they wrote. */
  measured(whole: Complete, state: ResponseState, value: unknown, row: number): unknown {
    if (this.#isMade || this.#linked.source.codegen !== 'auto') return whole(state, value, row);
    const before = objectsWritten.count;
    const { isHot } = this.#heat;
    const data = whole(state, value, row);
    this.#heat.add(before);
    if (!isHot && this.#heat.isHot) nextTurn(() => this.#make()); // not while a request waits
    return data;
  }

  /** No caller could handle an error here: a defect of the generator costs speed, not the process. */
  #make(): void {
    if (this.#isMade) return;
    this.#isMade = true;
    const linked = this.#linked;
    linked.generatedFields += sizeOf(linked.plan);
    linked.growth++;
    try {
      this.#writer = this.#generate(linked, this.#compiler);
    } catch (error) {
      linked.source.codegenFailures.add(error);
    }
  }
}

function sizeOf({ outputs }: Plan): number {
  return outputs.reduce((total, node) => total + (node.kind === 'object' ? node.fields.length : 0), 0);
}
