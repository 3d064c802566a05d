/** `planql/kvetch/redis`: a cache in Redis around any shards. */

export type { RedisCacheStats } from './kvetch/redis/RedisCacheStats.ts';
export { type RedisCache, type RedisCacheOptions, redisCache } from './kvetch/redis/redisCache.ts';
