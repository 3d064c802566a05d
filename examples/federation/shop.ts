import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { kvetchSchema } from './generated/kvetchSchema.ts';
import { model, schema } from './generated/plans.ts';
import { type Service, serve } from './serve.ts';

/** The subgraph that Grapple made of `schema/shop.graphql`. */
export interface Shop {
  readonly service: Service;
  readonly kvetch: Kvetch;
  /** The id of the seller of the draft. */
  readonly seller: string;
}

export async function openShop(): Promise<Shop> {
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2) });
  const [tess, kim] = await Promise.all(['Tess', 'Kim'].map((name) => kvetch.createObject('Seller', { name })));
  for (const [sku, title, priceCents, seller, isDraft] of [
    ['tea', 'Tea', 450, tess, false],
    ['pot', 'A pot', 3900, tess, false],
    ['cup', 'A cup', 900, kim, false],
    ['lamp', 'A lamp that does not work yet', 12_000, kim, true],
  ] as const) {
    await kvetch.createObject('Product', { sku, title, priceCents, seller, isDraft });
  }
  // For a demonstration, requests say themselves who asks.
  const service = await serve('shop', schema, (viewer) => ({ pent: new PentContext({ kvetch, model, viewer }) }));
  return { service, kvetch, seller: kim as string };
}
