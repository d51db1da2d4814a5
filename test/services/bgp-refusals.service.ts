// What we refuse and why, as BIRD tells its operator; and roles (RFC 9234).
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { scratch } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { Receiver, until } from './bgp-peers.ts'
import { runProgram, startProgram, without } from './programs.ts'

/** BIRD at 127.0.0.<octet> in AS 64501; our AS is `as`. `more` are lines of its protocol. */
class Bird {
  readonly #context: TestContext
  readonly #folder: string

  constructor(context: TestContext, octet: number, port: number, as: number, more = '') {
    this.#context = context
    this.#folder = scratch(context)
    writeFileSync(
      join(this.#folder, 'bird.conf'),
      `router id 192.0.2.${octet};
protocol device {}
protocol static s4 { ipv4; route 10.${octet}.0.0/16 blackhole; }
protocol bgp netally { local 127.0.0.${octet} as 64501; neighbor 127.0.0.1 port ${port} as ${as}; multihop; strict bind yes;
 connect retry time 1; connect delay time 1; error wait time 1, 2; hold time 9; ${more}
 ipv4 { import none; export all; next hop self; }; }
`,
    )
    startProgram(context, ['bird', '-f', '-c', 'bird.conf', '-s', 'bird.ctl'], this.#folder)
  }

  /** Waits until its last error is this. */
  async says(error: RegExp): Promise<void> {
    let text = ''
    let isAsking = false
    const ask = async () => {
      isAsking = true
      text = (await runProgram(this.#context, ['birdc', '-s', 'bird.ctl', 'show protocols all netally'], this.#folder))
        .stdout
      isAsking = false
    }
    await until(`BIRD says ${error}`, () => {
      if (!isAsking) void ask()
      return error.test(text)
    })
  }
}

describe('BIRD is told why', { skip: without('bird', 'birdc') }, () => {
  it('its AS is none of --peer-as: OPEN Message Error / Bad Peer AS', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--as', '64500', '--peer-as', '64999')
    await new Bird(context, 71, port, 64500).says(/Received: Bad peer AS/i)
    assert.deepEqual((await receiver.stop()).rows, [])
  })

  it('it is not on the allow list: Cease / Connection Rejected', async context => {
    const port = await freeTcpPort()
    const file = join(scratch(context), 'allow')
    writeFileSync(file, '192.0.2.0/24\n')
    const receiver = await Receiver.listening(context, port, '--allow', file)
    await new Bird(context, 72, port, 64501).says(/Received: (Connection rejected|Cease)/i)
    assert.deepEqual((await receiver.stop()).rows, [])
  })

  it('there are --max-peers already: Cease / Out of Resources', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--max-peers', '1')
    new Bird(context, 73, port, 64501)
    await receiver.has({ event_type: 'log_init', peer_ip_src: '127.0.0.73' })
    await new Bird(context, 74, port, 64501).says(/Received: Out of resources/i)
    const { rows, said } = await receiver.stop()
    assert.match(said, /127\.0\.0\.74: refused, there are 1 sessions already \(--max-peers\)/)
    assert.ok(rows.every(({ peer_ip_src }) => peer_ip_src === '127.0.0.73'))
  })

  it('its identifier is ours: OPEN Message Error / Bad BGP Identifier', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    // A Receiver is 192.0.2.254.
    await new Bird(context, 254, port, 64501).says(/Received: Bad BGP identifier/i)
    await receiver.stop()
  })

  it('we end: Cease / Administrative Shutdown, with our words', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const bird = new Bird(context, 76, port, 64501)
    await receiver.has({ event_type: 'log_init' })
    await receiver.stop()
    await bird.says(/Received: Administrative shutdown|Connection refused/i)
  })

  it('roles that do not go together: OPEN Message Error / Role Mismatch', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--as', '64500', '--role', 'provider')
    await new Bird(context, 77, port, 64500, 'local role provider;').says(/(?:Received|BGP Error): .*Role mismatch/i)
    assert.deepEqual((await receiver.stop()).rows, [])
  })

  it('roles that do: a customer hears OTC from its provider', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--as', '64500', '--role', 'customer')
    new Bird(context, 78, port, 64500, 'local role provider; require roles yes;')
    await receiver.has({ log_type: 'update', ip_prefix: '10.78.0.0/16', as_path: [64501], otc: 64501 })
    assert.equal((await receiver.stop()).said, '')
  })
})
