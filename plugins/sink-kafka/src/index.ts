import { sinkKafka } from './sink-kafka.ts'

export const commands = { 'sink-kafka': sinkKafka }
