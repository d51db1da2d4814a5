// The server of plugin-lines: keeps lines in a file, knows the ids it has, refuses records with `"refuse":true`.
//
//   node line-server.ts PORT FILE
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [port, file] = process.argv.slice(2) as [string, string]
const known = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(idOf) : [])

function idOf(line: string): string {
  return line === '' ? '' : (JSON.parse(line) as { id: string }).id
}

/** A request; undefined when its sender was killed in the middle of it. */
function requestOf(text: string): { id: string; lines: string[] } | undefined {
  try {
    return JSON.parse(text) as { id: string; lines: string[] }
  } catch {
    return undefined
  }
}

/** One write for a batch, so that a kill leaves all of it or nothing. */
function store(text: string): string {
  const request = requestOf(text)
  if (!request) return ''
  const { id, lines } = request
  const refused = lines.flatMap((line, index) => (line.includes('"refuse":true') ? [index] : []))
  if (!known.has(id)) {
    appendFileSync(file, `${JSON.stringify({ id, lines: lines.filter((_, index) => !refused.includes(index)) })}\n`)
    known.add(id)
  }
  return `${JSON.stringify({ refused })}\n`
}

createServer(socket => {
  // Who was killed leaves an error on the socket, and readline passes it on.
  socket.on('error', () => {})
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', line => socket.write(store(line)))
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'))
