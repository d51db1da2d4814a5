import { gnmiRecv } from './gnmi-recv.ts'

export const commands = { 'gnmi-recv': gnmiRecv }
