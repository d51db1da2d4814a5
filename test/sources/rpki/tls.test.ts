// Caches that speak TLS: their certificates are verified, ours is shown to those who ask.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createServer } from 'node:tls'
import type { RtrTls } from '../../../src/sources/rpki/options.ts'
import { Authority, noOpenssl } from '../../support/authority.ts'
import * as rtr from '../../wire/rtr/rtr-writer.ts'
import { Cache, Receiver, until } from './scripted-cache.ts'

const TLS: RtrTls = { ca: undefined, cert: undefined, key: undefined, name: undefined }

describe('rpki-recv and TLS', { skip: noOpenssl }, () => {
  it('a cache whose certificate is right, and who wants ours', async context => {
    const authority = new Authority(context)
    const ca = authority.read('ca.pem')
    const server = createServer({ ...authority.issue('cache'), ca, requestCert: true, rejectUnauthorized: true })
    const cache = new Cache(context, server, 'secureConnection')
    await cache.listen(0)
    const tls = { ...TLS, ca, ...authority.issue('router'), name: 'cache.test' }
    const receiver = new Receiver(context, [cache.port], { tls })
    const router = await cache.router()
    await router.asks()
    router.say(rtr.response(2, 7), rtr.roa(2, '192.0.2.0/24', 24, 1), rtr.endOfData(2, 7, 1))
    assert.deepEqual(await receiver.ends(1), ['log_init', 'update 192.0.2.0/24-24 1', 'end 1'])
    await receiver.stop()
  })

  it('a certificate of somebody else, or for another name, is refused', async context => {
    const authority = new Authority(context)
    const cache = new Cache(context, createServer(authority.issue('cache')), 'secureConnection')
    await cache.listen(0)
    for (const [tls, reason] of [
      [TLS, /unable to verify|self.signed/],
      [{ ...TLS, ca: authority.read('ca.pem'), name: 'other.test' }, /does not match/],
    ] as const) {
      const receiver = new Receiver(context, [cache.port], { tls })
      await until(() => receiver.host.problems.length > 0)
      assert.match(receiver.host.problems[0]?.message ?? '', reason)
      await receiver.stop()
      assert.deepEqual(receiver.records, [])
    }
  })
})
