import { sinkMysql } from './sink-mysql.ts'

export const commands = { 'sink-mysql': sinkMysql }
