/** What the processes of instances.test.ts are configured by. */
import type { StandaloneOptions } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { SERVICE, secrets } from './invalidationServer.ts';
import { authenticate } from './standalone.ts';

const { TEST_REDIS_URL: url = '', TEST_PREFIX: prefix = '' } = process.env;
const options: StandaloneOptions = {
  versions: redisVersions({ url, prefix, timeoutMs: 30_000, checkMs: 100 }),
  ...{ secrets, authenticate, serviceTokens: [SERVICE], port: 0, host: '127.0.0.1', drainMs: 100 },
};
export default options;
