import { amqpRecv } from './amqp-recv.ts'
import { sinkAmqp } from './sink-amqp.ts'

export const commands = { 'sink-amqp': sinkAmqp, 'amqp-recv': amqpRecv }
