/** Runs one way to make a view, or to read objects, and prints its CPU time an operation in microseconds. */
import { type DocumentNode, parse } from 'graphql';
import { access, createEngine, fn, lambda, makeSchema } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import {
  allowIf,
  definePents,
  denyAll,
  denyIf,
  method,
  Pent,
  PentContext,
  type PentDefinition,
  type PentModel,
} from 'planql/pent';
import { schema as generated, model } from '../../examples/todo/generated/plans.ts';
import { TodoItem } from '../../examples/todo/pents/TodoItem.ts';
import { TodoList } from '../../examples/todo/pents/TodoList.ts';
import { schema as byHand } from '../../examples/todo-by-hand/schema.ts';
import { fill, storeSchema } from '../../examples/todo-by-hand/store.ts';
import { todoView } from '../../examples/todo-by-hand/views.ts';

const kvetch = createKvetch({ schema: storeSchema, shards: memoryShards(4) });
const ids = await fill(kvetch, 20);
const items: string[] = [];
for (const { id } of (await kvetch.browse('TodoItem', { first: 1000 })).objects as never as { id: string }[])
  items.push(id);
/** The same ids in an order that is none. */
const shuffled = [...items].sort((a, b) => (a.slice(-12) < b.slice(-12) ? -1 : 1));
const [plans, pents] = [createEngine({ schema: byHand }), createEngine({ schema: generated })];
const document = todoView;
const pentContext = (of: PentModel = model): PentContext => new PentContext({ kvetch, model: of, viewer: null });

/** Everybody may read it: rules of its own would contradict that. */
const { public: _, ...ownDefinition } = TodoItem.definition as PentDefinition;

/** A rule of one attribute. */
class ReadableItem extends TodoItem {
  static override readonly definition: PentDefinition = ownDefinition;
  static override readonly privacy = { read: [allowIf('status', (item: ReadableItem) => item.text !== ''), denyAll] };
}
/** A rule that loads one object for each. */
class ListedItem extends TodoItem {
  static override readonly definition: PentDefinition = ownDefinition;
  static override readonly privacy = {
    read: [denyIf('no list', async (item: ListedItem) => (await item.todoList()) === null)],
  };
}
const [readable, listed] = [ReadableItem, ListedItem].map((item) =>
  definePents({ schema: storeSchema, pents: [item, TodoList], byDefault: 'allow' }),
);

/** A field that only computes: as a method of the class, and as a plan. */
class LoudItem extends TodoItem {
  static override readonly definition: PentDefinition = TodoItem.definition as PentDefinition;
  loud(): string {
    return `${this.text}!`;
  }
}
const loudPents = definePents({ schema: storeSchema, pents: [LoudItem, TodoList], byDefault: 'allow' });
const loudItems = {
  /** A thousand items. */
  items: (_args: unknown, context: PentContext) => LoudItem.getMany(context, items),
};
const loud = createEngine({
  schema: makeSchema({
    typeDefs: `
      type Query { items: [Item] }
      type Item { text: String, byMethod: String, byLambda: String }
    `,
    objects: {
      Query: { plans: { items: method.root(loudItems, 'items') } },
      Item: {
        plans: {
          byMethod: method(LoudItem, 'loud'),
          byLambda: ($item) =>
            lambda(
              access($item, 'text'),
              fn('loud', (text) => `${String(text)}!`),
            ),
        },
      },
    },
  }),
});
const askItems = async (field: string): Promise<void> => {
  const contextValue = { pent: pentContext(loudPents) };
  await loud.executeToBuffer({ document: loudDocuments[field] as DocumentNode, contextValue });
};
const loudDocuments: Record<string, DocumentNode> = {};
for (const field of ['text', 'byMethod', 'byLambda']) loudDocuments[field] = parse(`{ items { ${field} } }`);

const tasks: Readonly<Record<string, (n: number) => unknown>> = {
  'view by plans': (n) =>
    plans.executeToBuffer({ document, variableValues: { id: ids[n % 20] }, contextValue: { kvetch } }),
  'view by pents': (n) =>
    pents.executeToBuffer({ document, variableValues: { id: ids[n % 20] }, contextValue: { pent: pentContext() } }),
  'objects by kvetch': () => kvetch.getObjects(items),
  'objects by kvetch.forRequest': () => kvetch.forRequest().getObjects(items),
  'objects by pents': () => Pent.getMany(pentContext(), items),
  'objects by pents with a rule': () => Pent.getMany(pentContext(readable), items),
  'objects by pents with a rule that loads': () => Pent.getMany(pentContext(listed), items),
  'shuffled objects by kvetch': () => kvetch.getObjects(shuffled),
  'a field that is stored': () => askItems('text'),
  'a field by a method': () => askItems('byMethod'),
  'a field by lambda': () => askItems('byLambda'),
  'shuffled objects by pents': () => Pent.getMany(pentContext(), shuffled),
};

const run = tasks[process.argv[2] ?? ''];
if (run === undefined) throw new Error(`There is no task "${process.argv[2]}".`);
const count = process.argv[2]?.startsWith('view') ? 20_000 : 2_000;

/** The event loop turns now and then, as it does in a server: code is generated and plans are compiled between turns. */
async function runAll(): Promise<void> {
  for (let n = 0; n < count; n++) {
    await run?.(n);
    if (n % 64 === 0) await new Promise(setImmediate);
  }
}

await runAll();
const before = process.cpuUsage();
await runAll();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / count);
