/**
 * Worlds of nodes whose rules ask about each other, for tests of decisions. What each node says is data: `read` of a
 * node is a formula over the readability of others.
 */
import { createKvetch, defineKvetchSchema, type Kvetch, type KvetchSchema, memoryShards } from '../../src/kvetch.ts';
import {
  allowIf,
  type Context,
  canRead,
  definePents,
  denyIf,
  Pent,
  PentContext,
  type PentContextOptions,
  type PentDefinition,
  type PentModel,
  type Policy,
  readEdgeList,
  requireThat,
} from '../../src/pent.ts';

/** A question about a node, by its place in the world. */
export type Formula =
  | boolean
  | { readonly ask: number }
  | { readonly not: Formula }
  | { readonly all: readonly Formula[] }
  | { readonly any: readonly Formula[] }
  /** The next one is asked only if the first one is (not) readable. */
  | { readonly when: Formula; readonly yes: Formula; readonly no: Formula };

export const nodeSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 300, name: 'Node', fields: { place: 'int', parent: 'uuid', other: 'uuid' } },
    { typeId: 301, name: 'Other', fields: { place: 'int', parent: 'uuid', other: 'uuid' } },
  ],
  edges: [{ edgeId: 30, name: 'children', from: 'Node', storedOn: 'Node', storedIdAttr: 'parent' }],
});

/** How a node's formula becomes rules. */
export type Style = 'each' | 'many' | 'mixed';

export interface RuleWorld {
  readonly ids: readonly string[];
  readonly formulas: readonly Formula[];
  readonly style: Style;
  /** Waits between questions. */
  pause(): Promise<void> | null;
}

/** The worlds by their viewers. */
interface Viewer {
  readonly world: RuleWorld;
}

async function evaluate(formula: Formula, context: Context<Viewer>): Promise<boolean> {
  const { ids, pause } = context.viewer.world;
  await pause();
  if (typeof formula === 'boolean') return formula;
  if ('ask' in formula) return canRead(context, ids[formula.ask]);
  if ('not' in formula) return !(await evaluate(formula.not, context));
  if ('when' in formula) return evaluate((await evaluate(formula.when, context)) ? formula.yes : formula.no, context);
  if ('all' in formula) {
    const answers = await Promise.all(formula.all.map((part) => evaluate(part, context)));
    return answers.every(Boolean);
  }
  for (const part of formula.any) if (await evaluate(part, context)) return true;
  return false;
}

function formulaOf(node: Pent, { viewer }: Context<Viewer>): Formula {
  return viewer.world.formulas[node.$record.place as number] ?? false;
}

const isStyle =
  (style: Style) =>
  (_node: Pent, { viewer }: Context<Viewer>) =>
    viewer.world.style === style;

const policy: Policy<Pent, Viewer> = {
  read: [
    // Each style decides by itself; the others pass.
    requireThat('each', async (node, context) => {
      if (isStyle('many')(node, context)) return true;
      return evaluate(formulaOf(node, context), context);
    }),
    denyIf('many', {
      many: async (nodes, context) => {
        if (context.viewer.world.style !== 'many') return nodes.map(() => false);
        const answers = await Promise.all(nodes.map((node) => evaluate(formulaOf(node, context), context)));
        return answers.map((answer) => !answer);
      },
    }),
    allowIf('rest', () => true),
  ],
};

export class Node extends Pent {
  static override readonly definition: PentDefinition = { name: 'Node', typeId: 300, storedIds: { parent: ['Node'] } };
  static override readonly privacy: Policy<Pent, Viewer> = policy;
  children(): Promise<readonly Node[]> {
    return readEdgeList<Node>(this, 'children');
  }
}

export class Other extends Pent {
  static override readonly definition: PentDefinition = { name: 'Other', typeId: 301, storedIds: { parent: ['Node'] } };
  static override readonly privacy: Policy<Pent, Viewer> = policy;
}

export const nodeModel: PentModel = definePents({ schema: nodeSchema, pents: [Node, Other], byDefault: 'allow' });

export async function openNodes(count: number): Promise<{ readonly kvetch: Kvetch; readonly ids: readonly string[] }> {
  const kvetch = createKvetch({ schema: nodeSchema, shards: memoryShards(2) });
  const ids: string[] = [];
  for (let place = 0; place < count; place++) {
    ids.push(await kvetch.createObject(place % 3 === 2 ? 'Other' : 'Node', { place }));
  }
  return { kvetch, ids };
}

export function nodeContext(
  kvetch: Kvetch,
  world: RuleWorld,
  options: Partial<PentContextOptions<Viewer>> = {},
): PentContext<Viewer> {
  return new PentContext<Viewer>({ kvetch, model: nodeModel, viewer: { world }, onError: () => {}, ...options });
}

/** The least set of readable nodes: for formulas without "not". */
export function leastFixpoint(formulas: readonly Formula[]): readonly boolean[] {
  let readable = formulas.map(() => false);
  for (;;) {
    const next = formulas.map((formula) => holds(formula, readable));
    if (next.every((verdict, at) => verdict === readable[at])) return next;
    readable = next;
  }
}

export function holds(formula: Formula, readable: readonly boolean[]): boolean {
  if (typeof formula === 'boolean') return formula;
  if ('ask' in formula) return readable[formula.ask] === true;
  if ('not' in formula) return !holds(formula.not, readable);
  if ('when' in formula) return holds(holds(formula.when, readable) ? formula.yes : formula.no, readable);
  if ('all' in formula) return formula.all.every((part) => holds(part, readable));
  return formula.any.some((part) => holds(part, readable));
}
