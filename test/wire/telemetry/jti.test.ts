import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import type { Value } from '../../../src/contract/record.ts'
import { TelemetryDecoder } from '../../../src/wire/telemetry/decoder.ts'
import { decodeJti, looksLikeJti } from '../../../src/wire/telemetry/jti/jti.ts'
import { ENUMERATIONS, MESSAGES, SENSORS } from '../../../src/wire/telemetry/jti/messages.ts'
import { CISCO_COUNTERS, cisco, type GpbValue, gpb, jti, jtiPort, udpNotif } from '../../support/telemetry-writer.ts'
import { TestHost } from '../../support/test-host.ts'

const PEER = { address: '192.0.2.1', port: 5000, family: 4 } as const

function sensor(number: number, data: GpbValue, events: string[] = []): Value {
  const stream = decodeJti(jti(number, data), event => events.push(event))
  assert.ok(!isProblem(stream))
  return ((stream.enterprise as { juniperNetworks: Value }).juniperNetworks ?? null) as Value
}

/** Fields of what router and documentation agree on, each of another branch of the tables. */
const SAMPLES: readonly (readonly [number: number, data: GpbValue, wanted: Value])[] = [
  [
    1,
    [
      [
        1,
        [
          [1, 'Kernel'],
          [2, 100n],
          [3, 90n],
          [4, 2n ** 64n - 1n],
          [
            5,
            [
              [1, 'app'],
              [5, 7n],
            ],
          ],
        ],
      ],
    ],
    {
      cpu_memory_util_ext: {
        utilization: [
          {
            name: 'Kernel',
            size: 100,
            bytes_allocated: 90,
            utilization: -1,
            application_utilization: [{ name: 'app', allocations_failed: 7 }],
          },
        ],
      },
    },
  ],
  [
    2,
    [
      [
        1,
        [
          [1, 2n],
          [2, 3n],
          [
            7,
            [
              [1, 'high'],
              [2, [[14, 9n]]],
            ],
          ],
        ],
      ],
      [2, 1n],
    ],
    {
      fabricMessageExt: {
        edges: [
          {
            source_type: 'Linecard',
            source_slot: 3,
            class_stats: [{ priority: 'high', transmit_counts: { error_packets_per_second: 9 } }],
          },
        ],
        location: 'Linecard',
      },
    },
  ],
  [
    5,
    [
      [
        1,
        [
          [1, 'to-b'],
          [2, 0n],
          [3, 'c-1'],
          [4, 2n ** 60n],
          [7, 8n],
        ],
      ],
    ],
    {
      jnpr_lsp_statistics_ext: {
        lsp_stats_records: [
          { name: 'to-b', instance_identifier: 0, counter_name: 'c-1', packets: 2n ** 60n, byte_rate: 8 },
        ],
      },
    },
  ],
  [
    6,
    [
      [
        1,
        [
          [1, 'f'],
          [
            5,
            [
              [1, 'p'],
              [4, [[4, 5n]]],
            ],
          ],
          [
            6,
            [
              [1, 'h'],
              [5, 6n],
            ],
          ],
        ],
      ],
    ],
    {
      jnpr_firewall_ext: {
        firewall_stats: [
          {
            filter_name: 'f',
            policer_stats: [{ name: 'p', extended_policer_stats: { transmitted_bytes: 5 } }],
            hierarchical_policer_stats: [{ name: 'h', aggregate_bytes: 6 }],
          },
        ],
      },
    },
  ],
  [
    9,
    [
      [2, '10'],
      [20, 1n],
      [25, 4n],
      [
        50,
        [
          [1, 17n],
          [51, 1n],
          [64, 2n],
          [113, { float: 1.1 }],
          [264, 3n],
        ],
      ],
    ],
    {
      inline_jflow_stats_ext: {
        ipv4_flows_export_format: '10',
        ipv6_extended_attribute: true,
        bridge_configured_observation_domain_id: 4,
        npu_stats: [
          {
            npu_identifier: 17,
            ipv4_flow_packets: 1,
            ipv4_flow_insert_count: 2,
            ipv6_flow_table_utilization: 1.1,
            bridge_flow_insert_count: 3,
          },
        ],
      },
    },
  ],
  [
    10,
    [
      [
        1,
        [
          [1, 'xe-0/0/0'],
          [
            3,
            [
              [2, { double: 41.5 }],
              [19, 0n],
              [
                23,
                [
                  [1, 0n],
                  [3, { float: -2.3 }],
                  [20, 1n],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    {
      jnpr_optics_ext: {
        Optics_diag: [
          {
            if_name: 'xe-0/0/0',
            optics_diag_stats: {
              module_temp: 41.5,
              module_temp_high_alarm: false,
              optics_lane_diag_stats: [
                { lane_number: 0, lane_laser_output_power_dbm: -2.3, lane_tx_laser_disabled_alarm: true },
              ],
            },
          },
        ],
      },
    },
  ],
  [
    15,
    [
      [
        1,
        [
          [1, 'et-0/0/1'],
          [
            4,
            [
              [
                1,
                [
                  [1, 7n],
                  [2, 77n],
                  [16, 3n],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    {
      jnpr_qmon_ext: {
        queue_monitor_element_info: [
          {
            if_name: 'et-0/0/1',
            queue_monitor_stats_egress: {
              queue_monitor_stats_info: [{ queue_number: 7, queue_id: 77, red_drop_octets_color_3: 3 }],
            },
          },
        ],
      },
    },
  ],
]

describe('JTI', () => {
  it('an interface, and what stands around it', () => {
    assert.deepEqual(decodeJti(jti(3, jtiPort(2n ** 63n), 9, [[9, 1n]]), assert.fail), {
      system_id: 'mx1:192.0.2.1',
      component_id: 3,
      sub_component_id: 1,
      sensor_name: 'ports:/junos/system/linecard/interface/:/junos/system/linecard/interface/:PFE',
      sequence_number: 9,
      timestamp: 1_000_000,
      version_major: 1,
      version_minor: 1,
      eom: true,
      enterprise: {
        juniperNetworks: {
          jnpr_interface_ext: {
            interface_stats: [
              {
                if_name: 'xe-0/0/0',
                init_time: 1_579_556_770,
                snmp_if_index: 512,
                parent_ae_name: 'ae1',
                egress_queue_info: [{ queue_number: 2, packets: 10, bytes: 2n ** 62n }],
                ingress_stats: { if_pkts: 20, if_octets: 2n ** 63n },
                if_operational_status: 'UP',
                egress_errors: { if_discards: 4 },
              },
            ],
          },
        },
      },
    })
  })

  for (const [number, data, wanted] of SAMPLES) {
    it(`${SENSORS[number]?.[0]}`, () => assert.deepEqual(sensor(number, data), wanted))
  }

  it('what has no name keeps its number, and is counted', () => {
    const events: string[] = []
    assert.deepEqual(sensor(4242, gpb([1, 'a']), events), { 4242: '0a0161' })
    assert.deepEqual(
      sensor(
        3,
        [
          [
            1,
            [
              [1, 'xe-0'],
              [99, 5n],
              [98, { float: 1 }],
            ],
          ],
        ],
        events,
      ),
      {
        jnpr_interface_ext: { interface_stats: [{ if_name: 'xe-0', 99: 5, 98: '0000803f' }] },
      },
    )
    assert.deepEqual(events, ['unknown-sensor', 'unknown-field', 'unknown-field'])
  })

  it('tables: every type that is named is there, and every row is used', () => {
    const scalars = new Set(['unsigned', 'signed', 'double', 'float', 'text', 'bool', ...Object.keys(ENUMERATIONS)])
    const named = [
      ...Object.values(MESSAGES)
        .join(' ')
        .matchAll(/:(\w+)/g),
    ].map(match => match[1] as string)
    const roots = Object.values(SENSORS).map(([, message]) => message)
    assert.deepEqual(
      [...named, ...roots].filter(type => !scalars.has(type) && !(type in MESSAGES)),
      [],
    )
    const used = new Set([...named, ...roots])
    assert.deepEqual(
      Object.keys(MESSAGES).filter(message => !used.has(message)),
      [],
    )
  })

  it('is told from all other telemetry', () => {
    const message = jti(3, jtiPort(1n))
    assert.ok(looksLikeJti(message, 0, message.length))
    assert.ok(!looksLikeJti(message, 0, message.length - 1))
    for (const other of [CISCO_COUNTERS, cisco('gpb', CISCO_COUNTERS), udpNotif('{}'), Buffer.from('\n{"a":1}')]) {
      assert.ok(!looksLikeJti(other, 0, other.length))
    }
  })

  it('messages that are missing or late, by sensor', () => {
    const host = new TestHost()
    const options = { decoder: 'auto', maxPeers: 2, peerTimeoutMs: 300_000, maxMessageOctets: 10_000 } as const
    const decoder = new TelemetryDecoder(options, host)
    const send = (datagram: Buffer) => {
      const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length)
      decoder.datagram(datagram, view, 0, datagram.length, PEER, 1)
    }
    for (const sequence of [5, 6, 9, 8, 10]) send(jti(3, jtiPort(1n), sequence))
    send(gpb([1, 'other'], [5, 100n], [101, [[2636, [[3, jtiPort(1n)]]]]]))
    assert.equal([...decoder.take()].flatMap(batch => batch.records).length, 7)
    assert.deepEqual(host.counters, { 'telemetry-messages': 6, 'lost/jti-messages': 2, 'jti/out-of-order': 1 })
  })

  it('what is no TelemetryStream is a problem', () => {
    const problem = decodeJti(Buffer.from([0x0a, 0x05, 0x61]), assert.fail)
    assert.equal((problem as { code: string }).code, 'telemetry/jti')
  })
})
