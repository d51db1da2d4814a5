import { sinkNats } from './sink-nats.ts'

export const commands = { 'sink-nats': sinkNats }
