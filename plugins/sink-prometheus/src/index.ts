import { sinkPrometheus } from './sink-prometheus.ts'

export const commands = { 'sink-prometheus': sinkPrometheus }
