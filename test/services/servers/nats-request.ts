// One request to a NATS server and its answer: the text protocol, as much of it as that needs.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Certificates, Credentials } from './server.ts'

const HANG_MS = 10_000
const INBOX = '_INBOX.netally'
const EMPTY = '0'

export interface NatsTarget {
  readonly port: number
  readonly address: string
  readonly credentials: Credentials | undefined
  readonly certificates: Certificates | undefined
}

/** The server speaks first, in clear; TLS begins after that. */
async function connected({ port, address, certificates }: NatsTarget): Promise<Socket> {
  const socket = connect(port, address)
  await once(socket, 'data')
  if (!certificates) return socket
  const secure = connectTls({ socket, ca: readFileSync(certificates.ca), host: address })
  await once(secure, 'secureConnect')
  return secure
}

/** The payload of the first message in what came: MSG or HMSG (with headers), sizes last in the line. */
function payload(text: string): string | undefined {
  const [start, line = ''] = /^H?MSG [^\r]*\r\n/m.exec(text)
    ? [text.search(/^H?MSG /m), text.match(/^H?MSG [^\r]*/m)?.[0]]
    : [-1]
  if (start < 0) return undefined
  const sizes = line
    .split(' ')
    .slice(line.startsWith('H') ? -2 : -1)
    .map(Number)
  const from = start + line.length + 2
  const all = sizes.at(-1) ?? 0
  return text.length < from + all ? undefined : text.slice(from + (sizes.length > 1 ? (sizes[0] ?? 0) : 0), from + all)
}

export async function natsRequest(target: NatsTarget, subject: string, body: string): Promise<string> {
  const socket = await connected(target)
  const { user, password } = target.credentials ?? {}
  const options = { verbose: false, pedantic: false, headers: true, no_responders: true, user, pass: password }
  const words = [
    `CONNECT ${JSON.stringify(options)}`,
    `SUB ${INBOX} 1`,
    `PUB ${subject} ${INBOX} ${Buffer.byteLength(body) || EMPTY}`,
    body,
  ]
  socket.write(words.join('\r\n') + '\r\n')
  let text = ''
  try {
    for await (const chunk of socket.setEncoding('latin1').setTimeout(HANG_MS, () => socket.destroy())) {
      text += chunk
      const found = payload(text)
      if (found !== undefined) return Buffer.from(found, 'latin1').toString()
      if (/^-ERR/m.test(text)) break
    }
  } finally {
    socket.destroy()
  }
  throw new Error(`NATS ${subject}: ${text}`)
}
