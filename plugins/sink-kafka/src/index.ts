import { kafkaRecv } from './kafka-recv.ts'
import { sinkKafka } from './sink-kafka.ts'

export const commands = { 'sink-kafka': sinkKafka, 'kafka-recv': kafkaRecv }
