import { sinkPostgres } from './sink-postgres.ts'

export const commands = { 'sink-postgres': sinkPostgres }
