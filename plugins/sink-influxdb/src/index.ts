import { sinkInfluxdb } from './sink-influxdb.ts'

export const commands = { 'sink-influxdb': sinkInfluxdb }
