import { sinkDuckdb } from './sink-duckdb.ts'

export const commands = { 'sink-duckdb': sinkDuckdb }
