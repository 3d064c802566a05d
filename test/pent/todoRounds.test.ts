import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { model as todoModel, schema as todoPents } from '../../examples/todo/generated/plans.ts';
import { fill, storeSchema } from '../../examples/todo-by-hand/store.ts';
import { todoView } from '../../examples/todo-by-hand/views.ts';
import { createEngine } from '../../src/index.ts';
import { createKvetch } from '../../src/kvetch.ts';
import { allowIf, definePents, denyAll, Pent, PentContext, type PentDefinition, type Policy } from '../../src/pent.ts';
import { lateBackend } from '../kvetch/backends.ts';

const engine = createEngine({ schema: todoPents });

async function roundsWith(
  modelFor: (users: readonly string[]) => typeof todoModel,
): Promise<readonly [number, number]> {
  const kvetch = createKvetch({ schema: storeSchema, ...lateBackend.open() });
  const users = await fill(kvetch, 2);
  kvetch.stats.reset();
  const pent = new PentContext({ kvetch, model: modelFor(users), viewer: null });
  const { data, errors } = (await engine.execute({
    document: todoView,
    variableValues: { id: users[0] },
    contextValue: { pent },
  })) as { data: { todoUser: { todoLists: { todoItems: { text: string }[] }[] } }; errors?: unknown };
  assert.is(errors, undefined);
  const items = data.todoUser.todoLists.flatMap(({ todoItems }) => todoItems);
  assert.ok(items.every(({ text }) => text.length > 0));
  return [items.length, kvetch.stats.rounds];
}

const test = suite('Pent: rounds of the todo view');

test('a user, lists and items are 3 rounds', async () => {
  assert.equal(await roundsWith(() => todoModel), [50, 3]);
});

test('a rule that loads something new adds one', async () => {
  const guarded = (users: readonly string[]) => {
    class Item extends Pent {
      static override readonly definition: PentDefinition = {
        name: 'TodoItem',
        typeId: 100001,
        storedIds: { todoList: ['TodoList'] },
      };
      static override readonly privacy: Policy<Item> = {
        read: [
          allowIf('other user', async (_item, context) => (await Pent.get(context, users[1] as string)) !== null),
          denyAll,
        ],
      };

      get text(): string {
        return this.$record.text as string;
      }

      get todoItemStatus(): string {
        return this.$record.todoItemStatus as string;
      }
    }
    const others = todoModel.classes.filter(({ definition }) =>
      ['TodoUser', 'TodoList'].includes(definition?.name ?? ''),
    );
    return definePents({ schema: storeSchema, pents: [...others, Item], byDefault: 'allow' });
  };
  assert.equal(await roundsWith(guarded), [50, 4]);
});

test.run();
