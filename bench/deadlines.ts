/**
 * How long after `limits.executionMs` requests end whose loaders never let a timer fire: `node --import tsx
 * bench/deadlines.ts`. Prints, for each road, the most and the median of 20 requests, in milliseconds behind the limit.
 */
import { type DocumentNode, parse } from 'graphql';
import { createEngine, type Engine, get, incrementalTypeDefs, loader, loadOne, makeSchema } from 'planql';

const LIMIT = 100;
const REQUESTS = 20;

/** Computes for so long. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

type Row = { readonly id: number };
const answered = (ids: readonly number[]): Row[] => {
  work(2);
  return ids.map((id) => ({ id: id + 1 }));
};
const loaders = {
  atOnce: loader({ name: 'bench.atOnce', load: answered }),
  resolved: loader({ name: 'bench.resolved', load: async (ids: readonly number[]) => answered(ids) }),
  late: loader({
    name: 'bench.late',
    async load(ids: readonly number[]) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answered(ids);
    },
  }),
};
const fields = Object.keys(loaders);
const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    `type Query { row: Row } type Row { id: Int ${fields.map((name) => `${name}: Row`).join(' ')} }`,
  ],
  objects: {
    Row: {
      plans: Object.fromEntries(
        Object.entries(loaders).map(([name, load]) => [name, ($row) => loadOne(get($row, 'id'), load)]),
      ),
    },
  },
});

const limits = { executionMs: LIMIT };
const engines: Readonly<Record<string, Engine>> = {
  closures: createEngine({ schema, codegen: 'never', limits }),
  generated: createEngine({ schema, codegen: 'always', limits }),
};
type Ask = (engine: Engine, document: DocumentNode) => Promise<unknown>;
const rootValue = { row: { id: 0 } };
const roads: Readonly<Record<string, Ask>> = {
  objects: async (engine, document) => engine.execute({ document, rootValue }),
  text: async (engine, document) => engine.executeToString({ document, rootValue }),
  bytes: async (engine, document) => engine.executeToBuffer({ document, rootValue }),
  chunks: async (engine, document) => {
    for await (const _ of engine.executeToChunks({ document, rootValue }));
  },
};

for (const name of fields) {
  const document = parse(`{ row { ${`${name} { `.repeat(200)} id ${' }'.repeat(200)} } }`);
  for (const [how, engine] of Object.entries(engines)) {
    engine.prepare(document);
    for (const [road, ask] of Object.entries(roads)) {
      const behind: number[] = [];
      for (let request = 0; request < REQUESTS; request++) {
        const start = performance.now();
        await ask(engine, document);
        behind.push(performance.now() - start - LIMIT);
      }
      behind.sort((a, b) => a - b);
      const [median, most] = [behind[REQUESTS / 2] ?? 0, behind.at(-1) ?? 0];
      console.log(`${name}, ${how}, ${road}: most ${most.toFixed(1)}, median ${median.toFixed(1)}`);
    }
  }
}
