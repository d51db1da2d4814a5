import { sinkRedis } from './sink-redis.ts'

export const commands = { 'sink-redis': sinkRedis }
