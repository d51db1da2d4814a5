import { sinkCassandra } from './sink-cassandra.ts'

export const commands = { 'sink-cassandra': sinkCassandra }
