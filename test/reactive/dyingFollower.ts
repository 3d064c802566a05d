/** A process that follows changes, and is killed when it would tell the first one, or note its place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInvalidator, followChanges } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { secrets } from './dyingWriter.ts';

const [given = ''] = process.argv.slice(2);
const { uri, redis, prefix, file, dies } = JSON.parse(given);
const invalidator = createInvalidator({ versions: redisVersions({ url: redis, prefix, timeoutMs: 30_000 }), secrets });

const killed = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
};
const { tell } = invalidator;
invalidator.tell = (keys) => (dies === 'tell' && keys.length > 0 ? killed() : tell.call(invalidator, keys));

const common = {
  keysOf: ({ after }: { readonly after: Readonly<Record<string, unknown>> | null }): string[] => [`order:${after?.id}`],
  load: () => readFileSync(file, 'utf8') || null,
  save: (place: string) => (dies === 'save' ? killed() : writeFileSync(file, place)),
};
await followChanges.mysql(invalidator, { ...common, connection: uri, tables: { shop: ['orders'] } });
