import { type DocumentNode, parse } from 'graphql';
import { createEngine, each, first, get, makeSchema, type PlanResolver } from '../../../src/index.ts';
import { loadEdges, loadIndex, loadObject, loadObjects } from '../../../src/kvetch.ts';
import { operations } from '../workloads.ts';
import { openKvetch } from './openKvetch.ts';
import type { ProgramKind } from './Program.ts';
import { typeDefs } from './typeDefs.ts';

const related = (edge: string): PlanResolver => {
  return ($source, { $first }) => loadObjects(loadEdges(edge, get($source, 'id'), { $first }));
};

const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => loadObject($id),
        userByName: (_$root, { $username }) => first(loadObjects(loadIndex('username', $username))),
        items: (_$root, { $ids }) => loadObjects($ids),
        pages: (_$root, { $ids, $first }) => each($ids, ($id) => loadEdges('list_to_item', $id, { $first })),
      },
    },
    User: { plans: { lists: related('user_to_list') } },
    List: { plans: { items: related('list_to_item') } },
  },
});

const documents = Object.fromEntries(Object.entries(operations).map(([name, text]) => [name, parse(text)]));

/** Plans over Kvetch: what the others are compared with. */
export const planqlProgram: ProgramKind = {
  name: 'planql',
  title: 'planql on Kvetch',
  async open(places, withRedis) {
    const { kvetch, close } = await openKvetch(places, withRedis);
    const engine = createEngine({ schema });
    const contextValue = { kvetch };
    return {
      ask: async (operation, variableValues) =>
        engine.executeToBuffer({ document: documents[operation] as DocumentNode, variableValues, contextValue }),
      write: async (id, text) => void (await kvetch.updateObject(id, { text })),
      close,
    };
  },
};
