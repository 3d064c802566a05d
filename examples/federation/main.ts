/** Two subgraphs behind Apollo's gateway, one generated and one by hand: `npm run example:federation`. */
import { openGateway } from './gateway.ts';
import { calls, schema } from './reviews.ts';
import { serve } from './serve.ts';
import { openShop } from './shop.ts';

const { service, kvetch, seller } = await openShop();
const reviews = await serve('reviews', schema);
const gateway = await openGateway([service, reviews]);

for (const [title, query, viewer] of [
  ['All products with their reviews', '{ products { title stars isBargain reviews { text } } }'],
  ['All reviews, with products of the shop', '{ latestReviews { text product { title seller { name } } } }'],
  ['The same for the seller of the draft', '{ latestReviews { text product { title seller { name } } } }', seller],
] as const) {
  kvetch.stats.reset();
  calls.length = 0;
  console.log(`\n== ${title}\n${query}`);
  console.log(await gateway.ask(query, viewer));
  const { rounds, keys } = kvetch.stats;
  console.log(`The gateway asked ${gateway.takeAsked().join(', then ')}.`);
  console.log(`The shop read its store ${rounds} times, for ${keys} keys. Reviews were loaded ${calls.length} times.`);
}

await gateway.close();
reviews.close();
service.close();
await kvetch.close();
