import { sinkMqtt } from './sink-mqtt.ts'

export const commands = { 'sink-mqtt': sinkMqtt }
