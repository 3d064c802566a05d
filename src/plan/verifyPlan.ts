import {
  type FieldNode,
  type OutputNode,
  PLAN_VERSION,
  type Plan,
  type PositionNode,
  type StreamNode,
} from './Plan.ts';

const LISTS = ['guards', 'layers', 'steps', 'outputs', 'places', 'defers'] as const;
type ListName = (typeof LISTS)[number];

const LAYER_KINDS = ['root', 'mutation', 'event', 'list', 'present', 'type', 'combine'];
const DEPENDENCY_KINDS = ['list', 'global', 'collect', 'order'];

/**
 * Looks for what is wrong with a plan document, whoever made it: all problems at once. What a plan refers to in a
 * schema or a process is for the linker to check.
 */
export function verifyPlan(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return ['A plan must be a JSON object.'];
  const plan = given as Plan;
  if (plan.version !== PLAN_VERSION) {
    const seen = JSON.stringify(plan.version);
    return [`The plan has version ${seen}, this executor reads version ${PLAN_VERSION}. Export it again.`];
  }
  const missing = LISTS.filter((name) => !Array.isArray(plan[name]) || !plan[name].every(isObject));
  if (missing.length > 0) return missing.map((name) => `The plan has no list of ${name}.`);
  const verifier = new Verifier(plan);
  verifier.head();
  for (const id of plan.guards.keys()) verifier.guard(id);
  for (const id of plan.layers.keys()) verifier.layer(id);
  for (const id of plan.steps.keys()) verifier.step(id);
  for (const id of plan.places.keys()) verifier.place(id);
  for (const id of plan.outputs.keys()) verifier.output(id);
  for (const id of plan.defers.keys()) verifier.defer(id);
  return verifier.problems;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class Verifier {
  readonly problems: string[] = [];
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  head(): void {
    const { operation, operationName, document, layers, stream, root, outputs, resolvers } = this.#plan;
    this.#check(
      ['query', 'mutation', 'subscription'].includes(operation),
      `The plan's operation is ${show(operation)}.`,
    );
    this.#check(
      operationName === null || typeof operationName === 'string',
      `The operation's name is ${show(operationName)}.`,
    );
    this.#check(typeof document === 'string', 'The plan does not hold the text of its document.');
    this.#check(isObject(resolvers), 'The plan does not say which resolvers it leaves to the request.');
    this.#check(layers[0]?.kind === 'root', 'The first layer of a plan is its root.');
    this.#check(outputs[root]?.kind === 'object', 'The root of a plan is an object output.');
    this.#refer(stream, 'steps', `The plan's stream`, true);
  }

  guard(id: number): void {
    const guard = this.#plan.guards[id] as Plan['guards'][number];
    const what = `Guard ${id}`;
    switch (guard.kind) {
      case 'always':
      case 'never':
        return;
      case 'variable':
        return this.#check(
          typeof guard.name === 'string' && typeof guard.absent === 'boolean',
          `${what} names no variable.`,
        );
      case 'not':
        return this.#before(guard.of, id, 'guards', what);
      case 'and':
      case 'or':
        if (Array.isArray(guard.of) && guard.of.length === 2)
          for (const of of guard.of) this.#before(of, id, 'guards', what);
        else this.#check(false, `${what} does not join two guards.`);
        return;
      default:
        return this.#check(false, `${what} is of no known kind.`);
    }
  }

  layer(id: number): void {
    const { kind, parent, source, entry, contributions, stream } = this.#plan.layers[id] as Plan['layers'][number];
    const what = `Layer ${id}`;
    this.#check(LAYER_KINDS.includes(kind), `${what} is of kind ${show(kind)}, which is unknown.`);
    if (kind === 'root') this.#check(id === 0 && parent === -1, `${what} is a root, but not the first layer.`);
    else this.#before(parent, id, 'layers', what);
    this.#refer(source, 'steps', what, !['list', 'present', 'type', 'combine'].includes(kind));
    this.#refer(entry, 'steps', what, kind !== 'list' && kind !== 'combine');
    if (stream !== null) this.#stream(stream, kind === 'list', what);
    if (kind !== 'combine') return;
    if (!Array.isArray(contributions)) return this.#check(false, `${what} combines nothing.`);
    for (const contribution of contributions) {
      this.#refer(contribution?.layer, 'layers', what);
      this.#refer(contribution?.step, 'steps', what);
    }
  }

  step(id: number): void {
    const step = this.#plan.steps[id] as Plan['steps'][number];
    const what = `Step ${id} (${String(step.op)})`;
    this.#check(typeof step.op === 'string', `${what} has no op.`);
    this.#check(isObject(step.params), `${what} has no params.`);
    this.#refer(step.layer, 'layers', what);
    this.#refer(step.guard, 'guards', what);
    if (!Array.isArray(step.dependencies)) return this.#check(false, `${what} has no list of dependencies.`);
    for (const { kind, step: on, layer } of step.dependencies) {
      this.#check(DEPENDENCY_KINDS.includes(kind), `${what} takes something in as ${show(kind)}, which is unknown.`);
      this.#before(on, id, 'steps', what);
      this.#refer(layer, 'layers', what, kind !== 'collect');
    }
  }

  place(id: number): void {
    const { parent, layer } = this.#plan.places[id] as Plan['places'][number];
    this.#before(parent, id, 'places', `Place ${id}`, true);
    this.#refer(layer, 'layers', `Place ${id}`, true);
  }

  output(id: number): void {
    const output = this.#plan.outputs[id] as OutputNode;
    const what = `Output ${id}`;
    switch (output.kind) {
      case 'leaf':
      case 'typename':
        return this.#check(typeof output.type === 'string', `${what} has no type.`);
      case 'error':
        return this.#check(typeof output.message === 'string', `${what} has no message.`);
      case 'list':
        this.#refer(output.layer, 'layers', what, true);
        return this.#position(output.item, id, what);
      case 'object':
        this.#check(typeof output.type === 'string', `${what} has no type.`);
        this.#refer(output.layer, 'layers', what, true);
        if (!Array.isArray(output.fields)) return this.#check(false, `${what} has no list of fields.`);
        for (const field of output.fields) this.#field(field, id, what);
        if (!Array.isArray(output.defers)) return this.#check(false, `${what} has no list of deferred fragments.`);
        for (const defer of output.defers) this.#refer(defer, 'defers', what);
        return;
      case 'abstract':
        this.#check(typeof output.type === 'string', `${what} has no type.`);
        this.#refer(output.layer, 'layers', what, true);
        this.#refer(output.typename, 'steps', what);
        if (!Array.isArray(output.branches)) return this.#check(false, `${what} has no list of branches.`);
        for (const { layer, position } of output.branches) {
          this.#refer(layer, 'layers', what, true);
          this.#position(position, null, what);
        }
        return;
      default:
        return this.#check(false, `${what} is of no known kind.`);
    }
  }

  defer(id: number): void {
    const { label, guard, parent } = this.#plan.defers[id] as Plan['defers'][number];
    const what = `Deferred fragment ${id}`;
    this.#check(label === null || typeof label === 'string', `${what} has a label that is no text.`);
    this.#refer(guard, 'guards', what);
    this.#before(parent, id, 'defers', what, true);
  }

  #stream(stream: StreamNode, isList: boolean, what: string): void {
    if (!isList || !isObject(stream)) return this.#check(false, `${what} is streamed, and is no list.`);
    const { label, guard, initialCount, variable } = stream;
    this.#check(label === null || typeof label === 'string', `${what} is streamed with a label that is no text.`);
    this.#refer(guard, 'guards', what);
    this.#check(
      Number.isInteger(initialCount) && (variable === null || typeof variable === 'string'),
      `${what} is streamed, and does not say from which item on.`,
    );
  }

  #field(field: FieldNode, output: number, of: string): void {
    const what = `${of}, field ${show(field?.key)}`;
    if (!isObject(field)) return this.#check(false, `${what} is no field.`);
    this.#check(
      typeof field.key === 'string' && typeof field.coordinate === 'string',
      `${what} has no key and coordinate.`,
    );
    this.#refer(field.guard, 'guards', what);
    this.#refer(field.requires, 'steps', what, true);
    this.#refer(field.phase, 'layers', what, true);
    this.#position(field.position, output, what);
    if (!Array.isArray(field.effects)) return this.#check(false, `${what} has no list of effects.`);
    for (const effect of field.effects) this.#refer(effect, 'steps', what);
    if (!Array.isArray(field.deliveries)) return this.#check(false, `${what} does not say when it is delivered.`);
    for (const delivery of field.deliveries) {
      this.#refer(delivery?.defer, 'defers', what, true);
      this.#refer(delivery?.guard, 'guards', what);
    }
    if (!Array.isArray(field.nodes)) return this.#check(false, `${what} refers to no field of the document.`);
    for (const node of field.nodes) this.#refer(node?.guard, 'guards', what);
  }

  /** An output comes after those it is made of, except for branches, which may be planned later. */
  #position(position: PositionNode, output: number | null, what: string): void {
    if (!isObject(position) || !isObject(position.read) || !Array.isArray(position.read.path)) {
      return this.#check(false, `${what} does not say where its value is found.`);
    }
    this.#refer(position.read.step, 'steps', what, true);
    const keys = position.read.path.every((key) => typeof key === 'string' || Number.isInteger(key));
    this.#check(keys, `${what} reads a path that is none.`);
    if (output === null) this.#refer(position.output, 'outputs', what);
    else this.#before(position.output, output, 'outputs', what);
  }

  #before(id: number, than: number, list: ListName, what: string, mayBeNone = false): void {
    const isRight = (mayBeNone && id === -1) || (Number.isInteger(id) && id >= 0 && id < than);
    this.#check(isRight, `${what} refers to ${show(id)} of ${list}, which does not come before it.`);
  }

  #refer(id: number, list: ListName, what: string, mayBeNone = false): void {
    const isRight = (mayBeNone && id === -1) || (Number.isInteger(id) && id >= 0 && id < this.#plan[list].length);
    this.#check(isRight, `${what} refers to ${show(id)} of ${list}, which does not exist.`);
  }

  #check(isRight: boolean, problem: string): void {
    if (!isRight) this.problems.push(problem);
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
