/** What a new store begins with. It runs at each start. Written once: change it as you like. */
import type { Kvetch } from 'planql/kvetch';

const categories = ['Bikes', 'Books', 'Cameras', 'Chairs', 'Games', 'Lamps', 'Shoes', 'Tools'];

export async function seed(kvetch: Kvetch): Promise<void> {
  const { objects } = await kvetch.browse('Category', { first: 1 });
  if (objects.length > 0) return;
  for (const name of categories) {
    const slug = name.toLowerCase();
    // Servers that start at the same time make one of each.
    await kvetch.createObject('Category', { slug, name }, { idempotencyKey: `category ${slug}` });
  }
}
