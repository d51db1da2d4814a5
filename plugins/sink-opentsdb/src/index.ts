import { sinkOpentsdb } from './sink-opentsdb.ts'

export const commands = { 'sink-opentsdb': sinkOpentsdb }
