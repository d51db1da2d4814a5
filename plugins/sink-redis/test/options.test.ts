import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { redisOptions } from '../src/options.ts'

const parsed = (more: object) => ({ server: '127.0.0.1', remember: '1d', ...more })

it('a stream called netally where nothing is said', () => {
  const options = redisOptions(parsed({}))
  assert.equal(options.target, 'stream')
  assert.equal(options.key.of({}, 0), 'netally')
  assert.equal(options.endpoint.text, 'redis://127.0.0.1:6379')
  assert.equal(options.tls, undefined)
})

it('keys of fields and times', () => {
  const { key, target } = redisOptions(parsed({ list: 'flows:$peer_ip_src:%Y%m%d' }))
  assert.equal(target, 'list')
  assert.equal(key.of({ peer_ip_src: '192.0.2.1', stamp_inserted: 86_400 }, 0), 'flows:192.0.2.1:19700102')
  assert.equal(key.of({}, 0), 'flows:none:19700101')
})

it('rediss is TLS, with verification', () => {
  const { tls, database } = redisOptions(parsed({ server: 'rediss://redis.example.net/3' }))
  assert.equal(tls?.rejectUnauthorized, true)
  assert.equal(database, 3)
})

it('a database must be a number', () => {
  assert.throws(
    () => redisOptions(parsed({ server: 'redis://h/x' })),
    error => error instanceof ProblemError && error.problem.code === 'usage/bad-database',
  )
})
