// Data points by telnet: `put METRIC TIME VALUE TAG=TEXT ...` lines. The server says nothing when all is well, so that a batch ends with
// something that it does answer: `version`, or the end of our side of the connection, after which it ends its own.
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { DataPoint } from './data-point.ts'
import type { OpentsdbOptions } from './options.ts'

/** Answers that are kept of one batch. */
const LONGEST_ANSWER = 1 << 20
/** The answer to `version` has this in its last line. */
const VERSION_END = /(^|\n)Built (on|at) [^\n]*\n/

export const putLine = ({ metric, time, value, tags }: DataPoint): string => `put ${metric} ${time} ${value}${tags}\n`

/** What a server said about `put` lines: `put: illegal argument: ...`. */
export const errorsOf = (text: string): string[] => text.split('\n').filter(line => /^(put|error)\b.*:/i.test(line))

async function open({ endpoint, tls }: OpentsdbOptions, signal: AbortSignal): Promise<Socket> {
  const { host, port } = endpoint
  // Half open: the server's answers come after our end.
  const socket = tls ? connectSecure({ host, port, ...tls }) : connectPlain({ host, port, allowHalfOpen: true })
  socket.on('error', () => {})
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
  return socket
}

export class TelnetPut {
  readonly #options: OpentsdbOptions
  #socket: Socket | undefined

  constructor(options: OpentsdbOptions) {
    this.#options = options
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#ask('', signal)
  }

  /** What the server said is wrong with some of the lines; it does not say with which. */
  async put(dataPoints: readonly DataPoint[], signal: AbortSignal): Promise<string[]> {
    return errorsOf(await this.#ask(dataPoints.map(putLine).join(''), signal))
  }

  /** Everything that the server says until it has read all of the text. */
  async #ask(text: string, signal: AbortSignal): Promise<string> {
    const byVersion = this.#options.barrier === 'version'
    const socket = this.#socket ?? (await open(this.#options, signal))
    this.#socket = byVersion ? socket : undefined
    let said = ''
    // Only while this answer is waited for: the connection stays for the next.
    const abort = () => socket.destroy()
    const heard = new Promise<string>((resolve, reject) => {
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', abort)
        socket.off('data', hear).off('end', onEnd).off('close', onClose).off('error', reject)
        settle()
      }
      const hear = (chunk: Buffer) => {
        said = (said + chunk.toString('latin1')).slice(-LONGEST_ANSWER)
        if (byVersion && VERSION_END.test(said)) end(() => resolve(said))
      }
      const gone = () => reject(new Error('OpenTSDB ended the connection before it had answered'))
      const onEnd = () => end(() => (byVersion ? gone() : resolve(said)))
      const onClose = () => end(gone)
      socket.on('data', hear).on('end', onEnd).on('close', onClose).on('error', reject)
      signal.addEventListener('abort', abort, { once: true })
    })
    heard.catch(() => {})
    socket.write(byVersion ? `${text}version\n` : text)
    if (!byVersion) socket.end()
    try {
      return await heard
    } finally {
      if (!byVersion) socket.destroy()
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}
