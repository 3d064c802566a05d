/** A process that changes a throttled key twice, so that the second change is owed, and is killed. */
import { pathToFileURL } from 'node:url';
import { createInvalidator } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { secrets } from './dyingWriter.ts';

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { place, everyMs } = JSON.parse(process.argv[2] ?? '');
  const versions = redisVersions(place);
  await versions.ready();
  const invalidator = createInvalidator({ versions, secrets, throttle: [{ keys: 'm:views:', everyMs }] });
  await invalidator.invalidate('views:7');
  await invalidator.invalidate('views:7');
  process.kill(process.pid, 'SIGKILL');
}
