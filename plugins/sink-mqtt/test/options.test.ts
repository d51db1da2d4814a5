import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { mqttOptions } from '../src/options.ts'

const parsed = (more: object) => ({ broker: '127.0.0.1', topic: 'netally', qos: 1, 'mqtt-version': '5', ...more })

it('topics of fields; a value makes no level', () => {
  const { topic } = mqttOptions(parsed({ topic: 'netally/$label' }))
  assert.equal(topic.of({ label: 'a/b#+' }, 0), 'netally/a_b__')
  assert.equal(topic.of({}, 0), 'netally/none')
})

it('mqtts is TLS on its own port', () => {
  const { endpoint, tls, version } = mqttOptions(parsed({ broker: 'mqtts://me@b.example', 'mqtt-version': '3.1.1' }))
  assert.equal(endpoint.port, 8883)
  assert.equal(tls?.rejectUnauthorized, true)
  assert.equal(version, 4)
})

it('no wildcards in a topic', () => {
  for (const topic of ['', 'a/#', '+/b']) {
    assert.throws(
      () => mqttOptions(parsed({ topic })),
      error => error instanceof ProblemError && error.problem.code === 'usage/bad-topic',
      topic,
    )
  }
})
