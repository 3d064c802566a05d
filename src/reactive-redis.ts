/** `planql/reactive/redis`: versions of dependency keys that processes share. */

export { type RedisVersions, type RedisVersionsOptions, redisVersions } from './reactive/redis/redisVersions.ts';
