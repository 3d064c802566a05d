/** Live traffic in a process of its own: reads and writes without a pause, and prints how many each 100 ms had. */
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { schema } from '../data.ts';

const [uris = '', idList = ''] = process.argv.slice(2);
const kvetch = createKvetch({ schema, shards: mysqlShards(uris.split(',')) });
const lists = idList.split(',');
let done = 0;

async function client(begin: number): Promise<never> {
  for (let n = begin; ; n++) {
    const id = lists[(n * 7919) % lists.length] as string;
    const page = await kvetch.getEdges('list_to_item', id, { first: 20 });
    await kvetch.getObjects(page.edges.map(({ toId }) => toId));
    if (n % 10 === 0) await kvetch.updateObject(id, { seen: n });
    done++;
  }
}

for (let n = 0; n < 4; n++) void client(n * 1000);
setInterval(() => {
  console.log(done);
  done = 0;
}, 100);
