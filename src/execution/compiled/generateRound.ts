import type { LayerNode } from '../../plan/Plan.ts';
import { AccessStep, type PathKey, readKey } from '../../step/builtin/AccessStep.ts';
import { fail, isSignal } from '../../step/signals.ts';
import { functionOf } from '../../utils/functionOf.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { quote, SourceWriter } from '../../utils/SourceWriter.ts';
import { watchList } from '../../utils/watchPromise.ts';
import type { LinkedPlan, LinkedStep } from '../link/LinkedPlan.ts';
import type { CheckEntries, Operation, Round, Segment, UncheckedColumn } from '../link/Segment.ts';
import { SettledColumn } from '../operators/settleColumn.ts';

/**
 * Generates code for the first operations of a segment, as far as they only select rows, open lists and read one key of each
 * row. The code stops at the first unusual value, and tells at which operation. Null: there are no such operations, or code
 * may not be generated.
 */
export function generateRound(linked: LinkedPlan, segment: Segment): Round | null {
  const source = writeRound(linked, segment);
  return source === null ? null : made<Round>(source);
}

/** Generates the look at the entries of one load. Its rows mostly have one shape, and V8 looks at rows of one shape in a fifth of the time. */
export function generateEntries(yieldsLists: boolean): CheckEntries | null {
  return made<CheckEntries>(writeEntries(yieldsLists));
}

let functions = 0;

/** V8 keeps what it has learnt of a function by its text: no two have the same. */
function made<T>(source: string): T | null {
  return functionOf(`${source}// ${++functions}`, Object.keys(helpers), Object.values(helpers)) as T | null;
}

const helpers = {
  SettledColumn,

  OBJECT: Object.prototype,

  isError: (value: unknown): boolean => isSignal(value) || value instanceof Error,

  watchList,

  /** Some values of a step need a closer look. */
  odd(odd: UncheckedColumn, column: readonly unknown[], operations: number): number {
    odd.column = column;
    return operations;
  },

  /** A getter threw: that is the failure of its row alone. Reads the other rows. */
  readOn(values: unknown[], from: number, error: unknown, sources: readonly unknown[], key: PathKey): void {
    values[from] = fail(error);
    for (let row = from + 1; row < values.length; row++) {
      try {
        values[row] = readKey(sources[row], key);
      } catch (other) {
        values[row] = fail(other);
      }
    }
  },
};

/** The body of a function that makes the round. */
export function writeRound(linked: LinkedPlan, segment: Segment): string | null {
  const writer = new RoundWriter(linked);
  const { length } = segment.operations;
  let done = 0;
  if (segment.begins !== null) {
    writer.begin(nodeAt(linked.steps, segment.begins.of));
    while (done < length && writer.add(nodeAt(segment.operations, done), done)) done++;
  }
  return done === 0 ? null : writer.end(done);
}

/** The body of a function that makes the look at the entries of one load. */
export function writeEntries(yieldsLists: boolean): string {
  const writer = new SourceWriter();
  writer.block('return function entries(list, from, count)', () => {
    writer.line('const column = new Array(count);');
    writer.line('let hasNulls = false, known = OBJECT;');
    writer.block('for (let row = 0; row < count; row++)', () => {
      writer.line('const value = list[from + row];');
      writer.block('if (value === null || value === undefined)', () => {
        writer.line('hasNulls = true;');
        writer.line('column[row] = null;');
        writer.line('continue;');
      });
      look(writer, 'null');
      if (yieldsLists) writer.line('if (!Array.isArray(value)) return null;');
      writer.line('column[row] = value;');
    });
    writer.line('return new SettledColumn(column, false, hasNulls);');
  });
  return writer.toString();
}

/** Leaves if `value` is a promise, an error, a failure or an exit. `known` is a prototype that none of these has. */
function look(writer: SourceWriter, left: string): void {
  writer.block('if (typeof value === "object" || typeof value === "function")', () => {
    writer.line(`if (typeof value.then === "function") return ${left};`);
    writer.line('const prototype = Object.getPrototypeOf(value);');
    writer.block('if (prototype !== known)', () => {
      writer.line(`if (isError(value)) return ${left};`);
      writer.line('if (!watchList(value)) known = prototype;');
    });
  });
}

/** Writes operations whose rows follow from those of the segment's call. */
class RoundWriter {
  readonly #linked: LinkedPlan;
  readonly #source = new SourceWriter();
  /** By step whose values are at hand, none of them null or a failure: the name of its column. */
  readonly #columns = new Map<number, string>();
  /** By layer whose rows are known: the name of their number. */
  readonly #sizes = new Map<number, string>();
  /** Of rows that a layer shares with another: that other layer. */
  readonly #same = new Map<number, number>();

  constructor(linked: LinkedPlan) {
    this.#linked = linked;
  }

  /** The entries of a load were looked at: only nulls and failures are unusual. */
  begin({ id, node, singular }: LinkedStep): void {
    const { layer } = node;
    const [column, size] = [`column${id}`, `size${layer}`];
    this.#source.line(
      `const ${column} = ${singular ? `[registers[${id}]]` : `registers[${id}]`}, ${size} = sizes[${layer}];`,
    );
    this.#source.line(`if (state.hasSignals[${id}] === true || ${size} === 0) return 0;`);
    this.#columns.set(id, column);
    this.#sizes.set(layer, size);
  }

  /** Whether the operation, the `index`th, has code. */
  add({ task, step, isPure, call }: Operation, index: number): boolean {
    if (call !== null) return false;
    if (step !== null) return isPure && this.#read(step, index);
    if (task.kind !== 'layer') return false;
    const layer = nodeAt(this.#linked.plan.layers, task.of);
    const column = this.#columns.get(layer.source);
    const size = this.#sizes.get(layer.parent);
    if (column === undefined || size === undefined || !this.#isIn(layer.source, layer.parent)) return false;
    if (layer.kind === 'present') this.#select(task.of, layer, column, size, index);
    else if (layer.kind === 'list') this.#open(task.of, layer, column, index);
    else return false;
    return true;
  }

  /** The body of a function that makes the round. */
  end(done: number): string {
    const writer = new SourceWriter();
    writer.block('return function round(state, given)', () => {
      writer.line('const { registers, sizes, parentRows, offsets, unwatched } = state;');
      for (const line of this.#source.toString().trimEnd().split('\n')) writer.line(line);
      writer.line(`return ${done};`);
    });
    return writer.toString();
  }

  /** Whether the rows of a step are those of a layer. */
  #isIn(step: number, layer: number): boolean {
    const { layer: own } = nodeAt(this.#linked.plan.steps, step);
    return own === layer || this.#same.get(layer) === (this.#same.get(own) ?? own);
  }

  #select(layer: number, { parent, source }: LayerNode, column: string, size: string, index: number): void {
    const writer = this.#source;
    writer.block(`for (let row = 0; row < ${size}; row++)`, () => {
      writer.line(`if (${column}[row] === null || ${column}[row] === undefined) return ${index};`);
    });
    writer.line(`parentRows[${layer}] = null;`);
    writer.line(`sizes[${layer}] = ${size};`);
    this.#sizes.set(layer, size);
    this.#same.set(layer, this.#same.get(parent) ?? parent);
    this.#columns.set(source, column);
  }

  #open(layer: number, { entry, singular }: LayerNode, lists: string, index: number): void {
    const writer = this.#source;
    const [column, size, starts] = [`column${entry}`, `size${layer}`, `offsets${layer}`];
    writer.line(`const ${starts} = new Int32Array(${lists}.length + 1);`);
    writer.line(`let ${size} = 0, ${column};`);
    writer.block('try', () => {
      writer.block(`for (let row = 0; row < ${lists}.length; row++)`, () => {
        writer.line(`if (!Array.isArray(${lists}[row])) return ${index};`);
        writer.line(`${starts}[row + 1] = ${size} += ${lists}[row].length;`);
      });
      writer.line(`if ((${size} | 0) !== ${size} || ${size} < 0) return ${index};`); // a proxy tells any length
      writer.block(`if (${lists}.length === 1)`, () => writer.line(`${column} = ${lists}[0];`));
      writer.block('else', () => {
        writer.line(`${column} = new Array(${size});`);
        writer.line('let at = 0;');
        writer.block(`for (let row = 0; row < ${lists}.length; row++)`, () => {
          writer.line(`const list = ${lists}[row];`);
          writer.line(`for (let item = 0; item < list.length; item++) ${column}[at++] = list[item];`);
        });
        writer.line(`if (at !== ${size}) return ${index};`);
      });
      writer.line('let known = OBJECT;');
      writer.block(`for (let row = 0; row < ${size}; row++)`, () => {
        writer.line(`const value = ${column}[row];`);
        writer.line(`if (value === null || value === undefined) return ${index};`);
        look(writer, String(index));
      });
    });
    writer.line(`catch { return ${index}; }`);
    writer.line(`state.request.budget?.spendRows(${size});`);
    writer.line(`offsets[${layer}] = ${starts};`);
    writer.line(`sizes[${layer}] = ${size};`);
    writer.line(`registers[${entry}] = ${singular ? `${column}[0]` : column};`);
    writer.line(`unwatched.step(${entry});`);
    writer.line(`if (${size} === 0) return ${index + 1};`);
    this.#columns.set(entry, column);
    this.#sizes.set(layer, size);
  }

  #read({ id, node, singular, instance, inputs }: LinkedStep, index: number): boolean {
    const [input, ...others] = inputs;
    if (!(instance instanceof AccessStep) || input === undefined || others.length > 0) return false;
    const [key, ...further] = instance.path;
    const sources = this.#columns.get(input.step);
    const size = this.#sizes.get(node.layer);
    if (key === undefined || further.length > 0 || node.guard !== 0 || input.kind !== 'list') return false;
    if (sources === undefined || size === undefined || !this.#isIn(input.step, node.layer)) return false;
    const writer = this.#source;
    const [column, isOdd, at] = [`column${id}`, `isOdd${id}`, `row${id}`];
    const name = typeof key === 'string' ? quote(key) : String(key);
    writer.line(`const ${column} = new Array(${size});`);
    writer.line(`let ${at} = 0, ${isOdd} = false;`);
    writer.block('try', () => {
      writer.block(`for (; ${at} < ${size}; ${at}++)`, () => {
        writer.line(`const source = ${sources}[${at}];`);
        writer.line(`const value = source === null || source === undefined ? undefined : source[${name}];`);
        writer.line(`${column}[${at}] = value;`);
        writer.line(
          `if (value === undefined || typeof value === "object" || typeof value === "function") ${isOdd} = true;`,
        );
      });
    });
    writer.block('catch (error)', () => {
      writer.line(`readOn(${column}, ${at}, error, ${sources}, ${name});`);
      writer.line(`${isOdd} = true;`);
    });
    writer.line(`if (${isOdd}) return odd(given, ${column}, ${index});`);
    writer.line(`registers[${id}] = ${singular ? `${column}[0]` : column};`);
    writer.line(`if (state.aborted !== null) return ${index + 1};`);
    this.#columns.set(id, column);
    return true;
  }
}
