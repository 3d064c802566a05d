// What a program at the edge does: it runs plans that were made elsewhere. Bundled by edge.test.ts.
import { parse } from 'graphql';
import { createExecutor, loader, makeSchema } from 'planql/execute';

/** Whether the loader answers later. */
let isSlow = false;

loader({
  name: 'edge.users',
  load(ids) {
    const users = ids.map((id) => (id === 'no' ? new Error('There is none.') : { id, name: `Zoë "${id}" \u{1f600}` }));
    return isSlow ? new Promise((resolve) => setTimeout(resolve, 1, users)) : users;
  },
});

/** The responses of an executor with stored plans, in all forms. `plans` are the entries of the store. */
export async function responsesOf({ typeDefs, source, plans, secret, waits }) {
  isSlow = waits;
  const stored = new Map(plans);
  const planStore = {
    get: (key) => stored.get(key) ?? null,
    set() {},
    async *all() {
      yield* stored.values();
    },
  };
  const executor = createExecutor({ schema: makeSchema({ typeDefs }), planStore, planStoreOptions: { secret } });
  const warm = await executor.warmUp();
  const args = { document: parse(source), variableValues: { ids: ['a', 'no', 'b'] }, contextValue: {} };
  const chunks = [];
  for await (const chunk of await executor.executeToChunks(args, { chunkBytes: 64 })) chunks.push(...chunk);
  return {
    warm: { ...warm },
    object: JSON.stringify(await executor.execute(args)),
    text: await executor.executeToString(args),
    bytes: new TextDecoder().decode(await executor.executeToBuffer(args)),
    chunks: new TextDecoder().decode(Uint8Array.from(chunks)),
  };
}
