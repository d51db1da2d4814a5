import { helloRecv } from './hello-recv.ts'
import { shout } from './shout.ts'
import { sinkHttp } from './sink-http.ts'

/** The commands of this plugin. */
export const commands = { 'hello-recv': helloRecv, shout, 'sink-http': sinkHttp }
