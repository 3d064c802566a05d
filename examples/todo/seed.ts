/** What a new store begins with. It runs at each start. Written once: change it as you like. */
import type { Kvetch } from 'planql/kvetch';

export async function seed(_kvetch: Kvetch): Promise<void> {}
