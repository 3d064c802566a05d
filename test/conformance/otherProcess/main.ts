// The other process of `answerable`: runs plans that it is sent, and has no planner.
import { inspect } from 'node:util';
import { answersOf, type Question, type Reply } from './answerable.ts';

// The suites of test files are made here too, and not run: uvu queues them for a runner, which this process has not.
Object.assign(globalThis, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [[]] });

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));
process.on('disconnect', () => process.exit());
process.on('message', async (question: Question) => {
  process.send?.(await reply(question));
});

async function reply({ file, index, plan }: Question): Promise<Reply> {
  try {
    await import(file);
    const answer = await answersOf(file)[index]?.(plan);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const [rejection] = rejections.splice(0);
    if (rejection !== undefined) throw new Error('A promise was left rejected.', { cause: rejection });
    return { answer };
  } catch (error) {
    return { error: inspect(error) };
  }
}
