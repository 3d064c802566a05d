/** A process of the market: does at once what each line of its input says, and prints how it ended. argv: the store. */
import { createInterface } from 'node:readline';
import { createKvetch, type Kvetch } from 'planql/kvetch';
import { mysqlShards } from 'planql/kvetch/mysql';
import { sqliteShards } from 'planql/kvetch/sqlite';
import { createPent, PentContext, updatePent } from 'planql/pent';
import { kvetchSchema } from '../../examples/market/generated/kvetchSchema.ts';
import { model } from '../../examples/market/generated/plans.ts';
import { Listing } from '../../examples/market/pents/Listing.ts';
import { Offer } from '../../examples/market/pents/Offer.ts';

/** A directory of SQLite files, or databases on two servers of MySQL. */
export type Place = { readonly directory: string } | { readonly uris: readonly string[] };

export interface Deed {
  readonly kind: 'accept' | 'offer' | 'withdraw';
  /** The account and user who does it. */
  readonly viewer: { readonly id: string; readonly user: string };
  /** The offer to accept, or the listing. */
  readonly id: string;
}

export function openMarket(place: Place): Kvetch {
  const shards =
    'directory' in place
      ? sqliteShards({ directory: place.directory, count: 2 })
      : mysqlShards(
          place.uris.map((uri) => ({ uri })),
          { createDatabase: true, connectionLimit: 4 },
        );
  return createKvetch({ schema: kvetchSchema, shards });
}

/** The code of its refusal; null: it was done. */
export async function perform(kvetch: Kvetch, { kind, viewer, id }: Deed): Promise<string | null> {
  const context = new PentContext({ kvetch, model, viewer });
  try {
    if (kind === 'accept') await updatePent(context, Offer, id, { status: 'ACCEPTED' });
    else if (kind === 'withdraw') await updatePent(context, Listing, id, { status: 'DRAFT' });
    else await createPent(context, Offer, { amountCents: 900, status: 'OPEN', listing: id, buyer: viewer.user });
    return null;
  } catch (error) {
    const { code, extensions } = error as {
      readonly code?: unknown;
      readonly extensions?: { readonly code?: unknown };
    };
    return String(extensions?.code ?? code ?? error);
  }
}

if (process.argv[1]?.endsWith('marketRaceWriter.ts') === true) {
  const kvetch = openMarket(JSON.parse(String(process.argv[2])));
  await kvetch.getObject(kvetch.newId('User')); // its connections are open
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const deed = JSON.parse(line) as Deed;
    void perform(kvetch, deed).then((code) => console.log(JSON.stringify({ kind: deed.kind, code })));
  }
  await kvetch.close();
}
