import { sinkClickhouse } from './sink-clickhouse.ts'

export const commands = { 'sink-clickhouse': sinkClickhouse }
