/** `planql/kvetch/redis`: a cache in Redis around any shards. */

export { type RedisCache, type RedisCacheOptions, redisCache } from './kvetch/redis/redisCache.ts';
