import { sinkDruid } from './sink-druid.ts'

export const commands = { 'sink-druid': sinkDruid }
