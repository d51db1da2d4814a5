// What is told of a capture that gave nothing, so that a forgotten --tcp-port is not an empty output without a word.
import type { Problem } from '../contract/problem.ts'

/** No `ports` = every TCP connection was looked at. */
export function noSession(path: string, protocol: 'BGP' | 'BMP', ports: readonly number[]): Problem {
  const where = ports.length === 0 ? '' : ` on TCP port ${ports.join(', ')}`
  return {
    code: 'capture/no-session',
    message: `${path === '-' ? 'standard input' : path}: no ${protocol} session${where}`,
    hint: ports.length === 0 ? '--tcp-port takes what is there as BMP' : '--tcp-port names another port',
    note: true,
  }
}
