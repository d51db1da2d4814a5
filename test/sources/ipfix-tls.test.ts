import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { scratch } from '../support/cli.ts'
import { Collector, ipfixMessage, LOOPBACK } from './flow-collector.ts'

const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

/** A certificate authority and two certificates that it signed, in a folder. */
class Authority {
  readonly folder: string

  constructor(context: TestContext) {
    this.folder = scratch(context)
    this.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=test authority', '-keyout', this.path('ca.key'), '-out', this.path('ca.pem')) // biome-ignore format: one command
    this.issue('collector')
    this.issue('exporter')
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  issue(name: string): void {
    writeFileSync(this.path('extensions'), 'subjectAltName=IP:127.0.0.1\n')
    this.#openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-subj', `/CN=${name}`, '-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.csr`)) // biome-ignore format: one command
    this.#openssl('x509', '-req', '-in', this.path(`${name}.csr`), '-CA', this.path('ca.pem'), '-CAkey', this.path('ca.key'),
      '-CAcreateserial', '-days', '2', '-extfile', this.path('extensions'), '-out', this.path(`${name}.pem`)) // biome-ignore format: one command
  }

  #openssl(...words: string[]): void {
    execFileSync('openssl', words, { stdio: 'pipe' })
  }

  collector(context: TestContext, verify: boolean): Collector {
    const tlsFiles = {
      cert: this.path('collector.pem'),
      key: this.path('collector.key'),
      ca: verify ? this.path('ca.pem') : undefined,
    }
    return new Collector(context, { sessions: { tls: LOOPBACK, tlsFiles } })
  }

  client(context: TestContext, port: number, more: ConnectionOptions = {}): TLSSocket {
    const socket = connect({ port, host: '127.0.0.1', ca: readFileSync(this.path('ca.pem')), ...more })
    socket.on('error', () => {}) // some are refused
    context.after(() => socket.destroy())
    return socket
  }

  get exporter(): ConnectionOptions {
    return { cert: readFileSync(this.path('exporter.pem')), key: readFileSync(this.path('exporter.key')) }
  }
}

test('IPFIX over TLS', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  const collector = authority.collector(context, false)
  const exporter = authority.client(context, await collector.port('tls'))
  exporter.write(ipfixMessage(3))
  await collector.until(() => collector.records.length === 3)
  assert.equal(exporter.authorized, true)
})

test('with an authority, only exporters with its certificate may come', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  const collector = authority.collector(context, true)
  const port = await collector.port('tls')
  authority.client(context, port).write(ipfixMessage(1))
  await collector.until(() => collector.count('tls-handshakes-failed') === 1)
  authority.client(context, port, authority.exporter).write(ipfixMessage(2))
  await collector.until(() => collector.records.length === 2)
  assert.equal(collector.count('sessions-opened'), 1)
  await collector.until(() => collector.host.codes.includes('ipfix-session/handshake'))
})

test('what is no TLS, and versions before 1.2, are refused', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  const collector = authority.collector(context, false)
  const port = await collector.port('tls')
  const { connect: connectTcp } = await import('node:net')
  const plain = connectTcp(port, '127.0.0.1', () => plain.write(ipfixMessage(1)))
  plain.on('error', () => {})
  context.after(() => plain.destroy())
  await collector.until(() => collector.count('tls-handshakes-failed') === 1)
  authority.client(context, port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
  await collector.until(() => collector.count('tls-handshakes-failed') === 2)
  assert.equal(collector.records.length, 0)
})

test('a renewed certificate is taken when the maps are read again', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  const collector = authority.collector(context, false)
  const port = await collector.port('tls')
  const serial = async (): Promise<string> => {
    const socket = authority.client(context, port)
    await new Promise(resolve => socket.on('secureConnect', resolve))
    return socket.getPeerCertificate().serialNumber
  }
  const before = await serial()
  authority.issue('collector')
  collector.host.reloads++
  const beats = collector.beats.length
  await collector.until(() => collector.beats.length > beats + 1)
  assert.notEqual(await serial(), before)
})

test('certificates that are missing or wrong are told', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  const [cert, key] = [authority.path('collector.pem'), authority.path('exporter.key')]
  const none = new Collector(context, { sessions: { tls: LOOPBACK } })
  await assert.rejects(none.done, /--listen-tls needs a certificate/)
  const missing = { cert: authority.path('nothing.pem'), key, ca: undefined }
  await assert.rejects(new Collector(context, { sessions: { tls: LOOPBACK, tlsFiles: missing } }).done, /ENOENT/)
  const mixed = { cert, key, ca: undefined }
  await assert.rejects(
    new Collector(context, { sessions: { tls: LOOPBACK, tlsFiles: mixed } }).done,
    /certificate and key cannot be used/,
  )
})
