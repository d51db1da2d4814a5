// Telemetry over TLS and HTTPS, with curl and openssl as the nodes.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import type { TelemetryOptions } from '../../src/sources/telemetry/options.ts'
import { decodeCbor } from '../../src/wire/telemetry/cbor.ts'
import { Authority, noOpenssl } from '../support/authority.ts'
import { isInstalled, scratch } from '../support/cli.ts'
import { LOOPBACK, TCP, TelemetryCollector, UDP } from '../support/telemetry-collector.ts'

const skip = noOpenssl || (!isInstalled('curl') && 'curl is not installed')
const WRITE_OUT = '\n%{http_code} %{content_type} %{num_connects}\n'
const CURL_SECONDS = '30'

interface Answer {
  readonly body: string
  /** 0 = there was none. */
  readonly status: number
  readonly type: string
  /** Connections that were opened for it. */
  readonly connects: number
}

class Receiver {
  readonly authority: Authority
  readonly collector: TelemetryCollector
  readonly #folder: string

  constructor(context: TestContext, isMutual = false, more: Partial<TelemetryOptions> = {}) {
    this.authority = new Authority(context)
    this.authority.issue('collector')
    this.authority.issue('node')
    this.#folder = scratch(context)
    const path = (name: string) => this.authority.path(name)
    const ca = isMutual ? path('ca.pem') : undefined
    const tlsFiles = { cert: path('collector.pem'), key: path('collector.key'), ca }
    const sessions = { ...TCP, tls: LOOPBACK, https: LOOPBACK, tlsFiles, maxMessageOctets: 5000 }
    this.collector = new TelemetryCollector(context, { udp: { ...UDP, listen: [] }, sessions }, more)
  }

  /** One answer for each URL. */
  async curl(urls: readonly string[], ...words: string[]): Promise<Answer[]> {
    const port = await this.collector.port('https')
    const targets = urls.map(url => `https://127.0.0.1:${port}${url}`)
    const common = ['-s', '-m', CURL_SECONDS, '--cacert', this.authority.path('ca.pem'), '-w', WRITE_OUT]
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile('curl', [...common, ...words, ...targets], { encoding: 'latin1' }, (error, out) =>
        error && !out ? reject(error) : resolve(out),
      )
    })
    return [...stdout.matchAll(/([\s\S]*?)\n(\d{3}) (\S*) (\d+)\n/g)].map(
      ([, body = '', status = '', type = '', connects = '']) => ({
        body,
        status: Number(status),
        type,
        connects: Number(connects),
      }),
    )
  }

  async post(body: string | Uint8Array, type: string, ...words: string[]): Promise<Answer> {
    const file = join(this.#folder, 'body')
    writeFileSync(file, body)
    const header = `Content-Type: ${type}`
    const [answer] = await this.curl(['/x/relay-notification'], '--data-binary', `@${file}`, '-H', header, ...words)
    assert.ok(answer)
    return answer
  }
}

const notification = (name: string, contents: object): string =>
  JSON.stringify({ 'ietf-https-notif:notification': { eventTime: '2026-01-01T00:00:00Z', [name]: contents } })
const UPDATE = notification('ietf-yang-push:push-update', { id: 7 })

test('HTTPS-notif: what the receiver can, in the form that is asked for', { skip }, async context => {
  const receiver = new Receiver(context)
  const [json, , again] = await receiver.curl(['/a/b/capabilities', '/capabilities', '/capabilities'])
  assert.equal(json?.type, 'application/json')
  assert.equal(again?.connects, 0, 'the connection is kept')
  const { 'receiver-capabilities': container } = JSON.parse(json.body)
  const urns = container['receiver-capability'] as string[]
  assert.ok(urns.includes('urn:ietf:capability:https-notif-receiver:encoding:cbor'))
  const asks = async (accept: string, ...words: string[]) => {
    const [answer] = await receiver.curl(['/capabilities'], '-H', `Accept: ${accept}`, ...words)
    return answer as Answer
  }
  const xml = await asks('application/xml, application/json;q=0.5')
  assert.equal(xml.type, 'application/xml')
  assert.match(xml.body, /^<receiver-capabilities><receiver-capability>urn:/)
  const yang = await asks('application/yang-data+json')
  assert.deepEqual(Object.keys(JSON.parse(yang.body)), ['ietf-https-notif-transport:receiver-capabilities'])
  const cbor = await asks('application/cbor;q=0.9, text/plain')
  assert.deepEqual(decodeCbor(Buffer.from(cbor.body, 'latin1')), JSON.parse(json.body))
  assert.equal((await asks('text/html')).status, 406)
  assert.deepEqual((await asks('*/*', '--head')).status, 200)
})

test('HTTPS-notif: notifications in JSON, XML and CBOR, with the subscription of the node', { skip }, async context => {
  const receiver = new Receiver(context)
  const { collector } = receiver
  const started = notification('ietf-subscribed-notifications:subscription-started', { id: 7, encoding: 'encode-json' })
  assert.equal((await receiver.post(started, 'application/json')).status, 204)
  assert.equal((await receiver.post(`[${UPDATE},${UPDATE}]`, 'application/yang-data+json; charset=utf-8')).status, 204)
  const xml =
    '<notification xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"><eventTime>2026-01-01T00:00:00Z</eventTime>' +
    '<push-update xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-push"><id>7</id></push-update></notification>'
  assert.equal((await receiver.post(xml, 'application/xml', '-H', 'Expect: 100-continue')).status, 204)
  const cbor = Buffer.from('a16c6e6f74696669636174696f6ea16b707573682d757064617465a162696407', 'hex')
  assert.equal((await receiver.post(cbor, 'application/yang-data+cbor; id=name')).status, 204)
  assert.equal((await receiver.post(UPDATE, 'application/json', '-H', 'Transfer-Encoding: chunked')).status, 204)
  await collector.stop()
  assert.deepEqual(collector.events, ['log_init', ...Array(6).fill('log'), 'log_close'])
  const logs = collector.records.filter(({ event_type }) => event_type === 'log')
  assert.deepEqual(
    logs.map(({ serialization, session_protocol }) => `${serialization} ${session_protocol}`),
    ['json', 'json', 'json', 'xml', 'cbor', 'json'].map(one => `${one} yang-push`),
  )
  const [, ...updates] = logs
  const subscription = { id: 7, encoding: 'encode-json' }
  assert.deepEqual(
    updates.map(({ yang_push_subscription }) => yang_push_subscription),
    Array(5).fill(subscription),
  )
  assert.equal(collector.host.counters['https-notif/204'], 5)
})

test('HTTPS-notif: what is refused, and why', { skip }, async context => {
  const receiver = new Receiver(context)
  const { collector } = receiver
  const statuses = async (...answers: Promise<Answer>[]) => (await Promise.all(answers)).map(({ status }) => status)
  assert.deepEqual(await statuses(receiver.post('{"a":', 'application/json')), [400])
  assert.deepEqual(await statuses(receiver.post(`[${UPDATE},1]`, 'application/json')), [400])
  assert.deepEqual(await statuses(receiver.post('', 'application/json')), [400])
  assert.deepEqual(await statuses(receiver.post('<a><b></a>', 'application/xml')), [400])
  assert.deepEqual(await statuses(receiver.post(UPDATE, 'text/plain')), [415])
  assert.deepEqual(await statuses(receiver.post(UPDATE, 'application/json', '-H', 'Content-Encoding: gzip')), [415])
  const long = `{"a":"${'x'.repeat(6000)}"}`
  assert.deepEqual(await statuses(receiver.post(long, 'application/json')), [413])
  const chunked = ['-H', 'Transfer-Encoding: chunked']
  assert.deepEqual(await statuses(receiver.post(long, 'application/json', ...chunked)), [413])
  const problem = JSON.parse((await receiver.post(long, 'application/json')).body)
  assert.deepEqual(problem, { status: 413, detail: 'more than 5000 octets (--max-message)' })
  const [unknown] = await receiver.curl(['/relay'])
  const [get] = await receiver.curl(['/relay-notification'])
  const [put] = await receiver.curl(['/capabilities'], '-X', 'PUT')
  assert.deepEqual([unknown?.status, get?.status, put?.status], [404, 405, 405])
  await collector.stop()
  assert.deepEqual(collector.records, [])
})

test('HTTPS-notif: certificates of nodes, the allow list, the number of nodes', { skip }, async context => {
  const mutual = new Receiver(context, true)
  assert.equal((await mutual.post(UPDATE, 'application/json')).status, 0)
  const own = ['--cert', mutual.authority.path('node.pem'), '--key', mutual.authority.path('node.key')]
  assert.equal((await mutual.post(UPDATE, 'application/json', ...own)).status, 204)
  assert.equal(mutual.collector.host.counters['tls-handshakes-failed'], 1)
  const allow = parseAllowList('192.0.2.1\n', 'allow.txt')
  assert.ok(!isProblem(allow))
  const closed = new Receiver(context, false, { allow })
  assert.equal((await closed.post(UPDATE, 'application/json')).status, 0)
  assert.equal(closed.collector.host.counters.denied, 1)
  const decoder = { decoder: 'auto', maxPeers: 0, peerTimeoutMs: 300_000, maxMessageOctets: 100_000 } as const
  const full = new Receiver(context, false, { decoder })
  assert.equal((await full.post(UPDATE, 'application/json')).status, 503)
})

test('JSON over TLS, from openssl s_client with a certificate of its own', { skip }, async context => {
  const { authority, collector } = new Receiver(context, true)
  const words = ['-connect', `127.0.0.1:${await collector.port('tls')}`, '-quiet', '-CAfile', authority.path('ca.pem')]
  const own = ['-cert', authority.path('node.pem'), '-key', authority.path('node.key'), '-verify_return_error']
  const child = spawn('openssl', ['s_client', ...words, ...own], { stdio: ['pipe', 'ignore', 'ignore'] })
  context.after(() => child.kill())
  child.stdin.write('{"a":1}{"b":')
  await collector.until(() => collector.data.length === 1)
  child.stdin.write('2}\n')
  await collector.until(() => collector.data.length === 2)
  child.kill()
  await once(child, 'close')
  await collector.until(() => collector.events.includes('log_close'))
  assert.deepEqual(collector.data, [{ a: 1 }, { b: 2 }])
})
