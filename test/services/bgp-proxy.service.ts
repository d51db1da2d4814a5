// bgp-proxy between real speakers and our collectors: which collector a peer gets, and who the collector sees.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { netally, scratch, start } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { bird, Gobgp, listening, Receiver, until } from './bgp-peers.ts'
import { without } from './programs.ts'

function proxy(context: TestContext, port: number, map: string, ...words: string[]) {
  const child = start(['bgp-proxy', '--listen', `127.0.0.1:${port}`, '--map', map, ...words])
  context.after(() => child.kill('SIGKILL'))
  return child
}

const birdConfiguration = (octet: number, port: number) => `router id 192.0.2.${octet};
protocol device {}
protocol static s4 { ipv4; route 10.${octet}.0.0/16 blackhole; }
protocol bgp netally { local 127.0.0.${octet} as 64501; neighbor 127.0.0.1 port ${port} as 64501; multihop; strict bind yes;
 connect retry time 1; connect delay time 1; error wait time 1, 2; hold time 9; ipv4 { import none; export all; next hop self; }; }
`

describe('bgp-proxy', { skip: without('bird', 'gobgpd', 'gobgp') }, () => {
  it('the map says which collector a peer gets; SIGHUP reads it again for connections to come', async context => {
    const [ours, first, second] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()]
    const map = join(scratch(context), 'peers.map')
    writeFileSync(
      map,
      `bgp_dst=127.0.0.1:${first} bgp_src=127.0.0.61\nbgp_dst=127.0.0.1:${second} bgp_src=127.0.0.0/8\n`,
    )
    const one = await Receiver.listening(context, first)
    const two = await Receiver.listening(context, second)
    const child = proxy(context, ours, map)
    await listening(ours)
    bird(context, birdConfiguration(61, ours))
    bird(context, birdConfiguration(62, ours))
    await one.has({ log_type: 'update', ip_prefix: '10.61.0.0/16' })
    await two.has({ log_type: 'update', ip_prefix: '10.62.0.0/16' })
    assert.ok(one.rows.every(({ ip_prefix }) => ip_prefix !== '10.62.0.0/16'))
    writeFileSync(map, `bgp_dst=127.0.0.1:${second} bgp_src=127.0.0.0/8\n`)
    child.kill('SIGHUP')
    // The collector ends its sessions; the peer comes again and is sent to the other.
    await one.stop()
    await two.has({ log_type: 'update', ip_prefix: '10.61.0.0/16' })
    await two.stop()
  })

  it('BMP with a PROXY header: bmp-recv sees the router', async context => {
    const [ours, station] = [await freeTcpPort(), await freeTcpPort()]
    const folder = scratch(context)
    writeFileSync(join(folder, 'stations.map'), `bgp_dst=127.0.0.1:${station} bgp_src=127.0.0.0/8\n`)
    writeFileSync(join(folder, 'allow'), '127.0.0.0/8\n')
    const words = ['--listen', `127.0.0.1:${station}`, '--proxy-protocol', '--allow', join(folder, 'allow')]
    const child = start(['bmp-recv', ...words])
    context.after(() => child.kill('SIGKILL'))
    let text = ''
    child.stdout?.on('data', chunk => {
      text += String(chunk)
    })
    proxy(context, ours, join(folder, 'stations.map'), '--proxy-header')
    await listening(ours)
    await listening(station)
    await Gobgp.start(
      context,
      `[global.config]
 as = 65061
 router-id = "192.0.2.63"
 port = -1
[[bmp-servers]]
 [bmp-servers.config]
  address = "127.0.0.1"
  port = ${ours}
`,
    )
    await until('an initiation through the proxy', () => text.includes('"bmp_init_info_sysname":"GoBGP"'))
    const router = JSON.parse(text.split('\n')[0] as string)
    assert.equal(router.bmp_router, '127.0.0.1')
    assert.notEqual(router.bmp_router_port, 0)
  })
})

describe('a looking glass on live sessions', { skip: without('bird') }, () => {
  it('rib asks a dump --table that runs; a table of many routes', async context => {
    const port = await freeTcpPort()
    const folder = scratch(context)
    const socket = join(folder, 'rib.sock')
    const line = `bgp-recv --listen 127.0.0.1:${port} | dump --table --serve unix:${socket} --file ${join(folder, 'table.json')}`
    const child = start(['run', line])
    context.after(() => child.kill('SIGKILL'))
    await listening(port)
    const routes = Array.from({ length: 50_000 }, (_, index) => `route 10.${index >> 8}.${index & 255}.0/24 blackhole;`)
    const configuration = birdConfiguration(64, port).replace('route 10.64.0.0/16 blackhole;', routes.join(' '))
    bird(context, configuration)
    const ask = (...words: string[]) => netally(['rib', `unix:${socket}`, ...words, '--json'])
    let found = ''
    for (let tries = 0; tries < 60 && !found.includes('10.195.79.0/24'); tries++) {
      await new Promise(resolve => setTimeout(resolve, 500))
      found = (await ask('10.195.79.1')).stdout
    }
    assert.match(found, /"ip_prefix":"10\.195\.79\.0\/24"/)
    assert.match((await ask('--peers')).stdout, /127\.0\.0\.64/)
    assert.equal((await ask('192.0.2.1')).status, 1)
  })
})
