import { liesIn } from '../../../plan/layerRelations.ts';
import { objectOutput } from '../../../plan/outputAt.ts';
import type {
  AbstractOutput,
  FieldNode,
  ListOutput,
  ObjectOutput,
  Plan,
  PositionNode,
  ReadNode,
} from '../../../plan/Plan.ts';
import { nodeAt } from '../../../utils/nodeAt.ts';
import { quote, SourceWriter } from '../../../utils/SourceWriter.ts';
import type { LinkedPlan } from '../../link/LinkedPlan.ts';
import { refusedDefer, refusedStream } from '../refusedParts.ts';
import type { FusedField, FusedForm, Items, WriteContext } from './FusedForm.ts';
import type { PositionNumbers, PositionRows } from './FusedPositions.ts';
import { describeLeaf, type GeneratedLeaf, leafRoom } from './leafSource.ts';

/** Rows that have no variable: the position is left to its closure. */
class NotFused extends Error {}

/** Functions larger than this are not optimised by V8 (60 KB of bytecode, some 3 characters of source each). */
const LARGEST_SOURCE = 120_000;

/** So many characters are written in vain, where positions do not fit. Then closures write the rest, however large the plan is. */
const MOST_IN_VAIN = 2 * LARGEST_SOURCE;

/**
 * Writes the source of one function for a whole response: objects and lists become blocks and loops of it. It leaves to
 * closures the positions that code for single objects leaves to them, and those whose rows do not follow from the rows
 * around them.
 */
export class FusedWriter {
  readonly #linked: LinkedPlan;
  readonly #plan: Plan;
  readonly #positions: PositionNumbers;
  readonly #source = new SourceWriter();
  readonly #form: FusedForm;
  /** Declarations of values that are the same for all rows, by name. */
  readonly #once = new Map<string, string>();
  /** Declarations of variables with the last prototype of plain objects at a position. */
  readonly #prototypes: string[] = [];
  #names = 0;
  #inVain = 0;

  constructor(linked: LinkedPlan, positions: PositionNumbers, form: FormSource) {
    this.#linked = linked;
    this.#plan = linked.plan;
    this.#positions = positions;
    this.#form = form(this.#source, linked, (base) => this.#name(base));
  }

  /** The body of a function that makes the writer. */
  write(): string {
    const { root } = this.#plan;
    const node = objectOutput(this.#plan, root);
    const layer = Math.max(node.layer, 0);
    const place = {
      value: 'value',
      rows: new Map([
        [0, '0'],
        [layer, '0'],
      ]),
      layer,
      depth: 0,
      bubble: 'whole',
      ...this.#form.whole,
    };
    this.#source.block('whole:', () => {
      this.#object(node, place);
      this.#form.end();
    });
    this.#source.line('state.depth = 0;');
    this.#source.line('return BUBBLE;');
    const writer = new SourceWriter();
    writer.block('return function writeResponse(state, value, sink)', () => {
      writer.line(this.#form.head);
      writer.line('const { registers } = run;');
      for (const [name, code] of this.#once) writer.line(`const ${name} = ${code};`);
      for (const declaration of this.#prototypes) writer.line(declaration);
      writer.line(this.#form.variables);
      for (const line of this.#source.toString().trimEnd().split('\n')) writer.line(line);
    });
    writer.line(`//# sourceURL=planql:${(this.#plan.operationName ?? this.#plan.operation).replace(/[^\w]/g, '_')}.js`);
    return writer.toString();
  }

  /** No two are the same, even for equal response keys: the number stands behind the last underscore. */
  #name(base: string): string {
    return `${base}_${this.#names++}`;
  }

  #hoist(name: string, code: string): string {
    this.#once.set(name, code);
    return name;
  }

  #object(node: ObjectOutput, given: WriteContext): void {
    const place = this.#within(given, node.layer);
    const fields = node.fields.map((field) => this.#describe(field));
    const code = this.#form.object(node, fields, place);
    fields.forEach((field, index) => {
      this.#guarded(field.node.guard, () => {
        this.#field(field, { ...place, ...code.begin(index) });
        code.end(index);
      });
    });
    code.close();
  }

  #guarded(guard: number, write: () => void): void {
    if (guard === 0) return write();
    this.#source.block(`if (${this.#hoist(`holds${guard}`, `run.holds(${guard})`)})`, write);
  }

  #describe(node: FieldNode): FusedField {
    const output = nodeAt(this.#plan.outputs, node.position.output);
    const constant = output.kind === 'typename' ? output.type : null;
    const { read } = node.position;
    const isLeaf = output.kind === 'leaf';
    const isComposite = output.kind === 'list' || output.kind === 'object' || output.kind === 'abstract';
    // A leaf that needs arguments is no `LeafField`, which could be given the read value.
    const isReadable =
      (isLeaf || isComposite) && isShort(read) && !(isLeaf && node.requires !== -1 && read.path.length > 0);
    const leaf = output.kind === 'leaf' && isReadable ? describeLeaf(this.#linked, output) : null;
    const isSure = node.guard === 0 && (leaf !== null || isComposite || constant !== null);
    return { node, output, constant, leaf, isReadable, isSure };
  }

  #field({ node, constant, leaf, isReadable }: FusedField, place: WriteContext): void {
    const source = this.#source;
    const { position, requires } = node;
    const { depth } = place;
    const number = (): number => this.#positions.addField(node, place.layer);
    const closure = (): void => this.#form.field(number(), this.#ownRow(place), place);
    if (constant !== null) return;
    if (!isReadable) return closure();
    if (requires !== -1) {
      // Coercing the arguments failed: the closure says so.
      source.line(`if (${this.#hoist(`failed${requires}`, `isFailure(registers[${requires}])`)}) {`);
      closure();
      source.line('} else {');
    }
    if (
      leaf === null ||
      !this.#attempt(() => this.#fieldLeaf(leaf, position, place, closure, () => this.#form.found(number(), place)))
    ) {
      const isFused =
        leaf === null &&
        this.#attempt(() => {
          source.line(`path[${depth}] = ${quote(node.key)};`);
          this.#composite(node, position, { layer: place.layer, own: -1 }, { ...place, depth: depth + 1 });
        });
      if (!isFused) closure();
    }
    if (requires !== -1) source.line('}');
  }

  /** A leaf that is a property is read once, and given to its closure if it is unusual. */
  #fieldLeaf(
    leaf: GeneratedLeaf,
    { read, nonNull }: PositionNode,
    place: WriteContext,
    closure: () => void,
    found: () => void,
  ): void {
    if (read.path.length === 0) {
      this.#source.line(`v = ${this.#found(read, place)};`);
      this.#leaf(leaf, nonNull, place, closure);
    } else {
      this.#tryProperty('v', read, place);
      this.#leaf(leaf, nonNull, place, found);
    }
  }

  /** Leaves the source as it was where something below cannot be fused. */
  #attempt(write: () => void): boolean {
    if (this.#inVain > MOST_IN_VAIN) return false;
    const mark = this.#source.mark();
    try {
      write();
      if (this.#source.length > LARGEST_SOURCE) throw new NotFused();
      return true;
    } catch (error) {
      if (!(error instanceof NotFused)) throw error;
      this.#inVain += this.#source.length - mark.length;
      this.#source.reset(mark);
      return false;
    }
  }

  #leaf(leaf: GeneratedLeaf, nonNull: boolean, place: WriteContext, other: () => void): void {
    const names = leaf.names === null ? '' : `names[${this.#positions.addNames(leaf.names)}]`;
    this.#form.leaf(leaf, names, place);
    if (!nonNull) this.#source.block('else if (v === null || v === undefined)', () => this.#form.null(place));
    this.#source.block('else', other);
  }

  /** An object, a list or an abstract value, from reading it to the null or error that goes up from it. */
  #composite(field: FieldNode, position: PositionNode, rows: PositionRows, place: WriteContext, isItem = false): void {
    const source = this.#source;
    const output = nodeAt(this.#plan.outputs, position.output);
    const { read, nonNull } = position;
    if (!isShort(read)) throw new NotFused();
    const row = this.#ownRow(place);
    const fused = this.#fused(field, position, rows, place);
    const name = this.#name(field.key);
    const [done, lost] = [`${name}_done`, `${name}_lost`];
    const register = read.path.length > 0 ? -1 : read.step === -1 ? rows.own : read.step;
    const unusual = (): void => {
      this.#form.elsewhere(fused, name, row, place);
      source.line(`break ${done};`);
    };
    source.block(`${done}:`, () => {
      this.#read(name, read, fused, place);
      if (!nonNull) {
        source.block(`if (${name} === null || ${name} === undefined)`, () => {
          this.#form.null(place);
          if (isItem) this.#form.makeRoom(place.room);
          source.line(`break ${done};`);
        });
      }
      const signals = register === -1 ? '' : this.#hoist(`signals${register}`, `run.hasSignals[${register}] === true`);
      const isSignal = register === -1 ? '' : ` || (${signals} && isSignal(${name}))`;
      const isWrong = output.kind === 'list' ? ` || !isArray(${name})` : '';
      source.block(`if (typeof ${name} !== "object" || ${name} === null${isWrong}${isSignal})`, unusual);
      if (register === -1) {
        this.#look(name, output.kind === 'list' ? 'Array.prototype' : 'Object.prototype');
        source.block(`if (w !== ${name})`, () => {
          this.#form.looked(fused, name, row, place);
          source.line(`break ${done};`);
        });
      }
      this.#form.mark(name);
      source.block(`${lost}:`, () => {
        const inner = { ...place, value: name, bubble: lost };
        if (output.kind === 'list') this.#list(field, output, fused, inner);
        else if (output.kind === 'object') this.#refusable(output, inner);
        else if (output.kind === 'abstract' && register !== -1) {
          this.#abstract(field, position, output, inner, unusual);
        } else throw new NotFused();
        if (!nonNull) {
          source.line(`if (state.pending.length !== ${name}_pending) grouped(state, ${fused}, ${name}_pending);`);
        }
        source.line(`break ${done};`);
      });
      this.#form.absorb(fused, name, place);
    });
  }

  /**
   * Looks at an object as `ResponseState.look` does. The look stands here, and not in a function: V8 reads a property that is
   * not there at once only where it sees few kinds of objects. `w` is the object if it is a plain one.
   */
  #look(name: string, prototype: string): void {
    const source = this.#source;
    const known = `${name}_known`;
    this.#prototypes.push(`let ${known} = ${prototype};`);
    source.line(`w = ${name};`);
    source.block('try', () => {
      source.line(`if (typeof ${name}.then === "function") w = state.promised(${name});`);
      source.block(`else if ((v = getPrototypeOf(${name})) !== ${known})`, () => {
        source.line(`w = state.unfamiliar(${name}, v);`);
        source.line(`${known} = state.known;`);
      });
    });
    source.line('catch (e) { w = failure(e); }');
  }

  #refusable(output: ObjectOutput, place: WriteContext): void {
    if (refusedDefer(this.#linked, output) !== null) throw new NotFused();
    this.#object(output, place);
  }

  /** Declares a variable with the value of a position. */
  #read(name: string, read: ReadNode, fused: string, place: WriteContext): void {
    const source = this.#source;
    if (read.path.length === 0) {
      source.line(`const ${name} = ${this.#found(read, place)};`);
      return;
    }
    source.line(`let ${name};`);
    this.#tryProperty(name, read, place);
    if (read.field) {
      source.line(`if (typeof ${name} === "function") ${name} = called(state, ${fused}, ${place.value}, ${name});`);
    }
  }

  #list(field: FieldNode, list: ListOutput, fused: string, place: WriteContext): void {
    if (refusedStream(this.#linked, list) !== null) throw new NotFused();
    const source = this.#source;
    const form = this.#form;
    const { depth } = place;
    const index = this.#name('index');
    const element = `${index}_item`;
    form.list(index);
    if (list.layer === -1) source.line(`run.request.budget?.spendRows(${place.value}.length);`);
    source.block('try', () => {
      const items = list.layer === -1 ? this.#itemsInList(index, place) : this.#itemsInRows(index, list.layer, place);
      source.block(`for (let ${index} = ${items.first}; ${index} < ${items.last}; ${index}++)`, () => {
        const spot = form.item(index, items);
        source.line(`const ${element} = ${items.values}[${index}];`);
        source.line(`path[${depth}] = ${items.position};`);
        const rows = { layer: items.layer, own: items.entry };
        const within = { rows: items.rows, layer: items.layer, depth: depth + 1, ...spot };
        this.#item(field, list.item, rows, { ...place, ...within, value: element });
        form.itemEnd(index);
      });
    });
    source.block('catch (e)', () => {
      source.line(`thrown(state, ${fused}, e);`);
      source.line(`break ${place.bubble};`);
    });
    form.listEnd(index, place);
  }

  #itemsInList(index: string, { value, rows, layer }: WriteContext): Items {
    return { first: '0', last: `${value}.length`, values: value, position: index, layer, rows, entry: -1 };
  }

  #itemsInRows(index: string, layer: number, place: WriteContext): Items {
    const { parent, entry } = nodeAt(this.#plan.layers, layer);
    const row = this.#row(parent, place) ?? notFused();
    const offsets = this.#hoist(`offsets${layer}`, `run.offsets[${layer}]`);
    const values = this.#hoist(`column${entry}`, `registers[${entry}]`);
    const [first, last] = [`${index}_first`, `${index}_last`];
    this.#source.line(`const ${first} = ${offsets}[${row}];`);
    this.#source.line(`const ${last} = Math.min(${offsets}[${row} + 1], ${first} + ${place.value}.length);`);
    // Around it may be a loop over the same layer, with rows of the layers in it.
    const outer = [...place.rows].filter(([known]) => !liesIn(this.#plan, known, layer));
    const rows = new Map([...outer, [layer, index]]);
    return { first, last, values, position: `${index} - ${first}`, layer, rows, entry };
  }

  #item(field: FieldNode, item: PositionNode, rows: PositionRows, place: WriteContext): void {
    const source = this.#source;
    const output = nodeAt(this.#plan.outputs, item.output);
    if (item.read.field) throw new NotFused();
    if (output.kind !== 'leaf') return this.#composite(field, item, rows, place, true);
    const leaf = describeLeaf(this.#linked, output);
    if (leaf === null || !isShort(item.read)) throw new NotFused();
    const fused = this.#fused(field, item, rows, place);
    this.#form.makeRoom(leafRoom(leaf) + place.room);
    if (item.read.path.length > 0) this.#tryProperty('v', item.read, place);
    else source.line(`v = ${this.#found(item.read, place)};`);
    this.#leaf(leaf, item.nonNull, place, () => this.#form.elsewhere(fused, 'v', this.#ownRow(place), place));
    this.#form.makeRoom(place.room);
  }

  #abstract(
    field: FieldNode,
    { nonNull }: PositionNode,
    { layer, typename, branches }: AbstractOutput,
    given: WriteContext,
    unusual: () => void,
  ): void {
    const source = this.#source;
    const place = this.#within(given, layer);
    const type = this.#name('type');
    source.line(`const ${type} = ${this.#column(typename, place) ?? notFused()};`);
    for (const { type: name, layer: own, position } of branches) {
      const output = nodeAt(this.#plan.outputs, position.output);
      const isSame = position.read.step === -1 && position.read.path.length === 0 && output.kind === 'object';
      this.#attempt(() => {
        source.block(`if (${type} === ${quote(name)})`, () => {
          const inner = this.#within(place, own);
          const rows = { layer: inner.layer, own: -1 };
          if (isSame) this.#refusable(output, inner);
          else this.#composite(field, { ...position, nonNull }, rows, inner);
        });
        source.line('else');
      });
    }
    source.block('', unusual);
  }

  /** The same place, with rows of `layer`. */
  #within(place: WriteContext, layer: number): WriteContext {
    if (layer === -1 || layer === place.layer) return place;
    const row = this.#row(layer, place) ?? notFused();
    return { ...place, layer, rows: new Map(place.rows).set(layer, row) };
  }

  #ownRow(place: WriteContext): string {
    return this.#row(place.layer, place) ?? notFused();
  }

  /** The code for the current row of a layer, as `rowMapper` finds it; null if that does not follow from the rows around. */
  #row(to: number, place: WriteContext): string | null {
    const known = place.rows.get(to);
    if (known !== undefined) return known;
    const { kind, parent, singular } = nodeAt(this.#plan.layers, to);
    if (liesIn(this.#plan, place.layer, to)) return singular ? '0' : null;
    const outer = kind === 'list' || parent === -1 ? null : this.#row(parent, place);
    if (outer === null) return null;
    const selected = this.#hoist(`selected${to}`, `selected(run, ${to})`);
    const row = this.#name(SELECTED);
    const chosen = `${selected} === null ? ${outer} : ${selected} === undefined ? -1 : ${selected}[${outer}]`;
    this.#source.line(`const ${row} = ${outer.startsWith(SELECTED) ? `${outer} === -1 ? -1 : ` : ''}${chosen};`);
    return row;
  }

  /** The code for a step's value in the current row. */
  #column(step: number, place: WriteContext): string | null {
    const { layer } = nodeAt(this.#plan.steps, step);
    const register = this.#hoist(`column${step}`, `registers[${step}]`);
    if (nodeAt(this.#plan.layers, layer).singular) return register;
    const row = this.#row(layer, place);
    if (row === null) return null;
    return row.startsWith(SELECTED) ? `(${row} === -1 ? null : ${register}[${row}])` : `${register}[${row}]`;
  }

  #found({ step }: ReadNode, place: WriteContext): string {
    return step === -1 ? place.value : (this.#column(step, place) ?? notFused());
  }

  #fused(field: FieldNode, position: PositionNode, rows: PositionRows, { depth }: WriteContext): string {
    const index = this.#positions.addPosition(field, position, rows, depth);
    return this.#hoist(`fused${index}`, `positions[${index}]`);
  }

  #tryProperty(target: string, { path }: ReadNode, { value }: WriteContext): void {
    this.#source.line(`try { ${target} = ${value}[${quote(String(path[0]))}]; } catch (e) { ${target} = failure(e); }`);
  }
}

/** Makes the form whose code goes to a source. `name` gives names that nothing else has. */
export type FormSource = (source: SourceWriter, linked: LinkedPlan, name: (base: string) => string) => FusedForm;

/** Variables with rows that may be -1 are called so. */
const SELECTED = 'selectedRow';

/** From a register, the value itself, or a property of it. */
function isShort({ step, path }: ReadNode): boolean {
  return path.length === 0 || (step === -1 && path.length === 1);
}

function notFused(): never {
  throw new NotFused();
}
