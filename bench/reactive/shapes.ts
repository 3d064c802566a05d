import { casesOf } from '../../test/reactive/client/cases.ts';
import { bytesOf, changesOf, costOf, OVERHEAD, openLists } from '../../test/reactive/client/costs.ts';
import { plansSchema, queryOf, SHAPES } from '../../test/reactive/client/smallest.ts';
import { watch } from '../../test/reactive/client/world.ts';

const LISTS = 10;
const ITEMS = 8;

/**
 * By what a query shows of each of 10 lists, and by change of one of them: the bytes, store calls and keys that the client
 * fetches, and the bytes as a multiple of those of the changed lists alone. Counts: a busy machine gives the same.
 */
export async function shapes(): Promise<Record<string, string>> {
  const figures: Record<string, string> = {};
  for (const [name, shape] of Object.entries(SHAPES)) await measure(`plans, ${name}`, shape, plansSchema, figures);
  await measure('generated fields with Pent, a plain list', SHAPES['a plain list'] ?? '', null, figures);
  return figures;
}

async function measure(
  name: string,
  shape: string,
  schema: typeof plansSchema | null,
  figures: Record<string, string>,
): Promise<void> {
  const { open, ends } = casesOf('bench');
  const world = await openLists(open, LISTS, ITEMS, schema);
  const query = queryOf(shape);
  const shown = watch(world.client(), query, { id: world.ada });
  await world.showsFresh(shown, query, world.ada);
  for (const [what, [change, lists]] of Object.entries(changesOf(world))) {
    const { refetch, bytes, calls, keys } = await costOf(world, shown, query, change);
    // The generated schema reads a list by a field of its own.
    const smallest = schema === null ? null : await bytesOf(world, shape, lists);
    const ratio = smallest === null ? '' : `, ${(bytes / (smallest + OVERHEAD)).toFixed(2)} of the smallest`;
    figures[`${name}: an item ${what}`] =
      refetch.length === 0 ? 'nothing' : `${bytes} B, ${calls} calls, ${keys} keys${ratio}`;
  }
  for (const end of ends.reverse()) await end();
}
