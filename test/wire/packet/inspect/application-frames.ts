// Frames in which applications say something, and what they say.
import { createCipheriv, createHmac } from 'node:crypto'
import { udpFrame } from '../../../../src/wire/capture/write.ts'
import { hex } from '../frames.ts'

const four = (number: number): string => number.toString(16).padStart(4, '0')
const sized = (content: string, digits = 4): string =>
  (content.replace(/\s/g, '').length / 2).toString(16).padStart(digits, '0') + content
const text = (words: string): string => Buffer.from(words).toString('hex')

/** The example of the JA4 description: a Chrome, with its GREASE. */
const CIPHERS = '5a5a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035'
export const NAME = 'www.example.net'
const EXTENSIONS: readonly (readonly [type: number, content: string])[] = [
  [0x6a6a, ''],
  [0, sized(`00${sized(text(NAME))}`)],
  [0x17, ''],
  [0xff01, '00'],
  [0x0a, sized('0a0a 001d 0017 0018')],
  [0x0b, '0100'],
  [0x23, ''],
  [0x10, sized(`02${text('h2')}08${text('http/1.1')}`)],
  [0x05, '0100000000'],
  [0x0d, sized('0403 0804 0401 0503 0805 0501 0806 0601')],
  [0x12, ''],
  [0x33, sized('0a0a 0001 00')],
  [0x2d, '0101'],
  [0x2b, sized('1a1a 0304 0303', 2)],
  [0x1b, '020002'],
  [0x4469, sized(`02${text('h2')}`)],
  [0x15, '00'.repeat(8)],
  [0x7a7a, '00'],
]
const extensions = sized(EXTENSIONS.map(([type, content]) => four(type) + sized(content)).join(''))
const hello = `01${sized(`0303 ${'11'.repeat(32)} 00 ${sized(CIPHERS)} 0100 ${extensions}`, 6)}`
const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'

export const tcp = (payload: Uint8Array, port = 443): Uint8Array =>
  Buffer.concat([
    hex(`020000000002 020000000001 0800 4500${four(40 + payload.length)} 0001 4000 4006 0000 0a000001 0a000002
    c001 ${four(port)} 00000001 00000001 5018 0200 0000 0000`),
    payload,
  ])
export const udp = (payload: Uint8Array, destinationPort: number, sourcePort = 49_153): Uint8Array =>
  udpFrame({ source: '10.0.0.1', destination: '10.0.0.2', sourcePort, destinationPort }, payload)

function expand(secret: Uint8Array, label: string, octets: number): Buffer {
  const info = hex(`${four(octets)} ${sized(text(`tls13 ${label}`), 2)} 00 01`)
  return createHmac('sha256', secret).update(info).digest().subarray(0, octets)
}

/** An Initial packet of QUIC version 1 with a ClientHello in two CRYPTO frames, the second first. */
function quic(): Uint8Array {
  const message = Buffer.from(hex(hello))
  const varint = (number: number): string => four(0x4000 | number)
  const frame = (from: number, to: number): string =>
    `06${varint(from)}${varint(to - from)}${message.subarray(from, to).toString('hex')}`
  const frames = hex(`01 ${frame(100, message.length)} ${frame(0, 100)}`)
  const plain = Buffer.concat([frames, Buffer.alloc(1162 - frames.length)])
  const connection = hex('8394c8f03e515708')
  const head = Buffer.from(hex('c3 00000001 08 8394c8f03e515708 00 00', varint(4 + plain.length + 16), '00000002'))
  const initial = createHmac('sha256', hex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')).update(connection).digest()
  const client = expand(initial, 'client in', 32)
  const nonce = expand(client, 'quic iv', 12)
  nonce[11] = (nonce[11] as number) ^ 2
  const cipher = createCipheriv('aes-128-gcm', expand(client, 'quic key', 16), nonce).setAAD(head)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  const mask = createCipheriv('aes-128-ecb', expand(client, 'quic hp', 16), null).update(sealed.subarray(0, 16))
  head[0] = (head[0] as number) ^ ((mask[0] as number) & 15)
  for (let index = 0; index < 4; index++) {
    const at = head.length - 4 + index
    head[at] = (head[at] as number) ^ (mask[1 + index] as number)
  }
  return Buffer.concat([head, sealed])
}

const QUESTION = `03${text('www')}07${text('example')}03${text('net')}00 0041 0001`.replace('0041', '0001')
const QUERY = hex('1234 0100 0001 0000 0000 0000', QUESTION)
const ANSWER = hex(
  '1234 8180 0001 0002 0000 0000',
  QUESTION,
  `c00c 0005 0001 0000003c 0006 03${text('cdn')}c010`,
  'c02d 0001 0001 0000003c 0004 c0000207',
)
export const TLS = hex('160301', sized(hello))
export const APPLICATIONS: { readonly [name: string]: readonly [frame: Uint8Array, said: object] } = {
  tls: [tcp(TLS), { tls_sni: NAME, tls_alpn: ['h2', 'http/1.1'], tls_ja4: JA4 }],
  quic: [udp(quic(), 443), { tls_sni: NAME, tls_alpn: ['h2', 'http/1.1'], tls_ja4: JA4.replace('t', 'q') }],
  query: [udp(QUERY, 53), { dns_query: NAME, dns_type: 'A' }],
  answer: [
    udp(ANSWER, 49_153, 53),
    { dns_query: NAME, dns_type: 'A', dns_rcode: 0, dns_answers: ['cdn.example.net', '192.0.2.7'] },
  ],
  http: [
    tcp(Buffer.from('GET /a HTTP/1.1\r\nAccept: */*\r\nHost: www.example.net\r\n\r\n'), 80),
    { http_method: 'GET', http_host: NAME },
  ],
}
