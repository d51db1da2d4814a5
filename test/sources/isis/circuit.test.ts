// A circuit and a router that is written here, on a wire of arrays.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Circuit } from '../../../src/sources/isis/circuit.ts'
import { IsisReceiver } from '../../../src/sources/isis/receiver.ts'
import { findPdu } from '../../../src/wire/isis/frame.ts'
import { areasOf, entriesOf, hears, THREE_WAY, threeWayOf } from '../../../src/wire/isis/hello.ts'
import { type Hello, PDU, type Pdu, parsePdu, type Snp } from '../../../src/wire/isis/pdu.ts'
import {
  areasTlv,
  type LspEntry,
  threeWayTlv,
  type WriteTlv,
  writeCsnps,
  writeHello,
} from '../../../src/wire/isis/write.ts'
import { frameOf, lspOctets, name } from '../../support/isis-writer.ts'
import { TestHost } from '../../support/test-host.ts'

const OURS = '0000.0000.9999'
const ROUTER = '0000.0000.0001'
const OUR_MAC = '020000009999'
const MAC = '020000000001'
const OTHER_MAC = '020000000002'
const INDEX = 5
const START_US = 1_000_000_000

class Wire {
  readonly host = new TestHost()
  readonly #came: Uint8Array[] = []
  readonly #sent: Uint8Array[] = []
  readonly circuit: Circuit
  readonly receiver: IsisReceiver
  #timeUs = START_US

  constructor(areas: readonly string[] = [], kind: 'auto' | 'p2p' | 'lan' = 'auto') {
    const speaker = { systemId: OURS, areas, levels: [1, 2] as const, helloMs: 10_000, holdSeconds: 30 }
    const options = {
      systemId: OURS,
      areas,
      levels: [1, 2] as const,
      circuit: kind,
      helloSeconds: 10,
      holdMultiplier: 3,
    }
    const common = { captures: [], interfaces: [], keys: undefined, domain: 'isis', localAs: undefined, pdus: false }
    this.receiver = new IsisReceiver({ ...common, speaker: options, account: undefined }, this.host)
    const socket = {
      receive: (octets: Uint8Array) => {
        const frame = this.#came.shift()
        if (frame) octets.set(frame)
        return frame ? frame.length : -1
      },
      send: (frame: Uint8Array) => this.#sent.push(frame),
      close() {},
    }
    const at = { name: 'test0', index: INDEX, mac: OUR_MAC, mtu: 1500 }
    this.circuit = new Circuit(at, kind, speaker, socket, this.receiver, this.host)
  }

  /** What we answer to these PDUs. */
  hear(pdus: readonly Uint8Array[], mac = MAC): Pdu[] {
    for (const pdu of pdus) this.#came.push(frameOf(pdu, mac))
    this.circuit.read(this.#timeUs)
    return this.said()
  }

  pass(seconds: number): Pdu[] {
    this.#timeUs += seconds * 1e6
    this.circuit.tick(this.#timeUs)
    return this.said()
  }

  said(): Pdu[] {
    return this.#sent.splice(0).map(frame => {
      const pdu = parsePdu(frame, findPdu(1, frame, 0, frame.length), frame.length)
      if (typeof pdu === 'string') throw new Error(pdu)
      return pdu
    })
  }
}

const AREA = areasTlv(['490001'])

function p2p(state: number, neighbor?: { systemId: string; circuit: number }, more: readonly WriteTlv[] = [AREA]) {
  const header = { type: PDU.helloP2p, levels: 3, systemId: ROUTER, holdSeconds: 30, circuitId: 1 }
  return writeHello(header, [threeWayTlv(state, 77, neighbor), ...more], undefined)
}

const US = { systemId: OURS, circuit: INDEX }

const macs = (...all: string[]): WriteTlv => ({ type: 6, octets: Uint8Array.from(Buffer.from(all.join(''), 'hex')) })

function lan(level: 1 | 2, more: readonly WriteTlv[]) {
  const type = level === 1 ? PDU.lanHello1 : PDU.lanHello2
  const header = { type, levels: 3, systemId: ROUTER, holdSeconds: 30, lanId: `${ROUTER}.02` }
  return writeHello(header, more, undefined)
}

const only = <Kind extends Pdu['kind']>(pdus: readonly Pdu[], kind: Kind) =>
  pdus.filter((pdu): pdu is Extract<Pdu, { kind: Kind }> => pdu.kind === kind)
const snps = (pdus: readonly Pdu[]) => pdus.flatMap(pdu => (pdu.kind === 'csnp' || pdu.kind === 'psnp' ? [pdu] : []))
const entries = (pdus: readonly Snp[]): string[] =>
  pdus.flatMap(pdu => entriesOf(pdu).map(({ id, sequence }) => `L${pdu.level} ${id} ${sequence}`))

const LSP_ID = `${ROUTER}.00-00`
const LSP = lspOctets({ id: LSP_ID, sequence: 7, tlvs: [name('r1')] })
const checksum = new DataView(LSP.buffer).getUint16(24)
const entry: LspEntry = { id: LSP_ID, sequence: 7, checksum, lifetimeSeconds: 900 }

describe('a point-to-point circuit', () => {
  it('is silent until a router speaks; three ways; then the database', () => {
    const wire = new Wire()
    assert.deepEqual(wire.pass(20), [])
    const [first] = only(wire.hear([p2p(THREE_WAY.down)]), 'hello') as [Hello]
    assert.deepEqual(threeWayOf(first), {
      state: THREE_WAY.initializing,
      circuit: INDEX,
      neighbor: ROUTER,
      neighborCircuit: 77,
    })
    assert.deepEqual(areasOf(first), ['490001'])
    assert.equal(wire.circuit.adjacencies, 0)
    // Nothing is taken before the adjacency is up.
    assert.deepEqual(wire.hear([LSP]), [])
    assert.equal(wire.host.counters['pdus-dropped/no-adjacency'], 1)
    const up = wire.hear([p2p(THREE_WAY.initializing, US)])
    assert.equal(threeWayOf(only(up, 'hello')[0] as Hello)?.state, THREE_WAY.up)
    assert.deepEqual(
      snps(up).map(({ kind, level, first, last }) => `${kind} L${level} ${first} ${last}`),
      [1, 2].map(level => `csnp L${level} 0000.0000.0000.00-00 ffff.ffff.ffff.ff-ff`),
    )
    assert.equal(wire.circuit.adjacencies, 1)
    assert.deepEqual(entries(snps(wire.hear([LSP]))), [`L2 ${LSP_ID} 7`], 'an acknowledgement')
    assert.deepEqual(entries(snps(wire.hear([LSP]))), [`L2 ${LSP_ID} 7`], 'of what we had, too')
    assert.deepEqual(
      [...wire.receiver.flush()].flatMap(batch => batch.records.map(({ attr_node_name }) => attr_node_name)),
      ['r1'],
    )
  })

  it('what is missing is asked for, again until it comes', () => {
    const wire = new Wire()
    wire.hear([p2p(THREE_WAY.up, US)])
    const asked = [`L2 ${LSP_ID} 0`]
    assert.deepEqual(entries(snps(wire.hear(writeCsnps(2, ROUTER, [entry], 15, undefined)))), asked)
    assert.deepEqual(entries(snps(wire.pass(1))), [])
    assert.deepEqual(entries(snps(wire.pass(5))), asked)
    assert.equal(wire.circuit.wanted, 1)
    wire.hear([LSP])
    assert.equal(wire.circuit.wanted, 0)
    assert.deepEqual(entries(snps(wire.pass(6))), [])
    // A purge of what we never had is nothing to ask for.
    const purged = { ...entry, id: '0000.0000.0005.00-00', lifetimeSeconds: 0 }
    assert.deepEqual(entries(snps(wire.hear(writeCsnps(2, ROUTER, [purged], 15, undefined)))), [])
  })

  it('a silent router is given up, one of somebody else is none, nor one with our id', () => {
    const wire = new Wire()
    wire.hear([p2p(THREE_WAY.up, US)])
    wire.pass(29)
    assert.equal(wire.circuit.adjacencies, 1)
    const [last] = only(wire.pass(2), 'hello')
    assert.equal(wire.circuit.adjacencies, 0)
    assert.equal(threeWayOf(last as Hello)?.state, THREE_WAY.down)
    wire.hear([p2p(THREE_WAY.up, { ...US, circuit: 6 })])
    assert.equal(wire.circuit.adjacencies, 0)
    wire.hear([p2p(THREE_WAY.up, US)])
    wire.hear([p2p(THREE_WAY.up, { systemId: '0000.0000.0005', circuit: 1 })])
    assert.equal(wire.circuit.adjacencies, 0)
    const header = { type: PDU.helloP2p, levels: 3, systemId: OURS, holdSeconds: 30 }
    wire.hear([writeHello(header, [AREA], undefined)])
    assert.ok(wire.host.codes.includes('isis/no-adjacency'))
    assert.deepEqual([wire.host.counters['adjacencies/up'], wire.host.counters['adjacencies/down']], [2, 2])
  })

  it('level 1 needs an area in common; a router from before the handshake is up at once', () => {
    const wire = new Wire(['490002'], 'p2p')
    assert.equal(wire.pass(1).length, 1, 'we speak first where we know how')
    const header = { type: PDU.helloP2p, levels: 3, systemId: ROUTER, holdSeconds: 30 }
    const up = wire.hear([writeHello(header, [AREA], undefined)])
    assert.deepEqual(
      snps(up).map(({ level }) => level),
      [2],
    )
    wire.hear([writeHello({ ...header, levels: 1 }, [AREA], undefined)])
    assert.equal(wire.circuit.adjacencies, 0)
  })

  it('its farewell hears nobody', () => {
    const wire = new Wire()
    wire.hear([p2p(THREE_WAY.up, US)])
    wire.circuit.close()
    assert.deepEqual(threeWayOf(only(wire.said(), 'hello')[0] as Hello)?.state, THREE_WAY.down)
  })
})

describe('a LAN', () => {
  it('both levels, priority 0, the LAN of the designated router', () => {
    const wire = new Wire()
    const answers = only(wire.hear([lan(2, [AREA])]), 'hello')
    assert.deepEqual(
      answers.map(hello => [hello.level, hello.priority, hears(hello, MAC)]),
      [
        [1, 0, false],
        [2, 0, true],
      ],
    )
    assert.equal(wire.circuit.adjacencies, 0)
    const up = wire.hear([lan(2, [AREA, macs(OTHER_MAC, OUR_MAC)])])
    assert.equal(wire.circuit.adjacencies, 1)
    assert.equal(only(up, 'hello').at(-1)?.lanId, `${ROUTER}.02`)
    assert.deepEqual(snps(up), [], 'the designated router tells what there is')
    const csnp = writeCsnps(2, ROUTER, [entry], 15, undefined)
    assert.deepEqual(entries(snps(wire.hear(csnp))), [`L2 ${LSP_ID} 0`])
    assert.deepEqual(wire.hear([LSP]), [], 'nothing is acknowledged')
    assert.equal(wire.circuit.wanted, 0)
    wire.hear(writeCsnps(2, ROUTER, [entry], 15, undefined), OTHER_MAC)
    assert.equal(wire.host.counters['pdus-dropped/no-adjacency'], 1)
    wire.hear([lan(2, [AREA, macs(OTHER_MAC)])])
    assert.equal(wire.circuit.adjacencies, 0)
    assert.equal(wire.host.counters['adjacencies/down'], 1)
  })

  it('hellos of the other kind of circuit make no adjacency', () => {
    const wire = new Wire()
    wire.hear([lan(2, [AREA, macs(OUR_MAC)])])
    assert.deepEqual(wire.hear([p2p(THREE_WAY.up, US)]), [])
    assert.equal(wire.circuit.adjacencies, 1)
    assert.ok(wire.host.codes.includes('isis/other-circuit'))
  })
})
