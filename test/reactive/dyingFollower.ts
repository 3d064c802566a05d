/** A process that follows changes, and is killed when it would tell the first one, or note its place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInvalidator, followChanges, nodeHandler } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { secrets } from './dyingWriter.ts';

const [given = ''] = process.argv.slice(2);
const { uri, redis, prefix, file, streams, http, dies } = JSON.parse(given);
const versions = redisVersions({ url: redis, prefix, timeoutMs: 30_000 });
const invalidator = createInvalidator({ versions, secrets });

const killed = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
};
const { tell } = invalidator;
invalidator.tell = async (keys) => {
  if (dies === 'tell' && keys.length > 0) return killed();
  const isTold = await tell.call(invalidator, keys);
  return dies === 'told' ? killed() : isTold;
};

const keysOf = ({ after }: { readonly after: Readonly<Record<string, unknown>> | null }): string[] => [
  `order:${after?.id}`,
];
if (http !== undefined) {
  await versions.ready(); // else the first answer may be a 503
  const server = createServer(nodeHandler(followChanges.debezium.http(invalidator, { secrets: [http], keysOf })));
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
} else if (streams !== undefined) await followChanges.debezium(invalidator, { connection: redis, streams, keysOf });
else {
  const load = (): string | null => readFileSync(file, 'utf8') || null;
  const save = (place: string): unknown => (dies === 'save' ? killed() : writeFileSync(file, place));
  await followChanges.mysql(invalidator, { connection: uri, tables: { shop: ['orders'] }, keysOf, load, save });
}
