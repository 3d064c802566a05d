/** A process that follows changes, and is killed when it would tell the first one, or note its place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInvalidator, followChanges } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { secrets } from './dyingWriter.ts';

const [given = ''] = process.argv.slice(2);
const { uri, redis, prefix, file, streams, dies } = JSON.parse(given);
const invalidator = createInvalidator({ versions: redisVersions({ url: redis, prefix, timeoutMs: 30_000 }), secrets });

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
if (streams !== undefined) await followChanges.debezium(invalidator, { connection: redis, streams, keysOf });
else {
  const load = (): string | null => readFileSync(file, 'utf8') || null;
  const save = (place: string): unknown => (dies === 'save' ? killed() : writeFileSync(file, place));
  await followChanges.mysql(invalidator, { connection: uri, tables: { shop: ['orders'] }, keysOf, load, save });
}
