import assert from 'node:assert/strict'
import { it } from 'node:test'
import { locationOf, updatesOf } from '../../../src/operators/telemetry/updates.ts'

it('keys are named by list and leaf', () => {
  assert.deepEqual(locationOf('/interfaces/interface[name=eth0]/state'), {
    path: '/interfaces/interface/state',
    keys: { interface_name: 'eth0' },
  })
})

it('values of keys may have slashes and brackets', () => {
  assert.deepEqual(locationOf('openconfig:/a/b-c[k-l=x/y\\]][m=\\\\]/d'), {
    path: '/a/b-c/d',
    keys: { origin: 'openconfig', b_c_k_l: 'x/y]', b_c_m: '\\' },
  })
})

it('lists of the same name inside one another', () => {
  assert.deepEqual(locationOf('/node[id=1]/node[id=2]/node[id=3]').keys, {
    node_id: '1',
    node_id_2: '2',
    node_id_3: '3',
  })
})

it('paths are below the prefix, unless they have an origin of their own', () => {
  const data = {
    prefix: 'oc:/a[k=1]',
    updates: [{ path: '/b', value: 1 }, { path: 'cli:/c', value: { d: 2 } }, 'nothing'],
    deletes: ['/e'],
  }
  assert.deepEqual(updatesOf(data, 5), [
    { path: '/a/e', keys: { origin: 'oc', a_k: '1' }, value: null, time: 5, isDeleted: true },
    { path: '/a/b', keys: { origin: 'oc', a_k: '1' }, value: 1, time: 5 },
    { path: '/c', keys: { origin: 'cli' }, value: { d: 2 }, time: 5 },
  ])
})

it('of a message without any nothing comes', () => {
  assert.deepEqual(updatesOf({ sync_response: true }, undefined), [])
})
