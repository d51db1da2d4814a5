// Answers questions about the table on a unix socket: one line of JSON in, lines of JSON out, the end.
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import { answer, parseQuestion } from '../../wire/rib/answer.ts'
import type { Rib } from '../../wire/rib/rib.ts'

/** Questions at a time. */
const CONNECTIONS = 16
const LONGEST_QUESTION_OCTETS = 4096
/** Who asks nothing, or reads nothing, for so long is sent away. */
const IDLE_MS = 10_000
/** Routes in one answer: it is made at once, so that it has the table of one moment. */
export const MOST_ANSWER_ROWS = 100_000

function reply(socket: Socket, rib: Rib, line: string): void {
  const question = parseQuestion(line)
  if (!question) {
    socket.end(`${JSON.stringify({ error: 'this is no question' })}\n`)
    return
  }
  for (const piece of answer(rib, question, MOST_ANSWER_ROWS)) socket.write(new Uint8Array(piece))
  socket.end()
}

function serve(socket: Socket, rib: Rib, host: Host): void {
  let text = ''
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end < 0 && text.length <= LONGEST_QUESTION_OCTETS) return
    socket.removeAllListeners('data')
    socket.resume()
    host.count('questions')
    reply(socket, rib, end < 0 ? '' : text.slice(0, end))
  })
}

/** Left by a process that was killed; any other kind of file stays. */
function removeSocket(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there) return
  if (!there.isSocket()) throw cannotServe(path, 'it exists and is no socket')
  unlinkSync(path)
}

const cannotServe = (path: string, reason: string): ProblemError =>
  new ProblemError({ code: 'dump/cannot-serve', message: `cannot answer questions on "${path}": ${reason}` })

/** Only the user who runs the command may ask. */
export function serveTable(path: string, rib: Rib, host: Host): Promise<Server> {
  removeSocket(path)
  const server = createServer(socket => serve(socket, rib, host))
  server.maxConnections = CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(cannotServe(path, error.message)))
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve(server)
    })
  })
}
