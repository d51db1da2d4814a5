// Real BGP speakers on loopback, each with an address of its own, that connect to a bgp-recv.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Ended, ended, records, scratch, start } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { runProgram, startProgram } from './programs.ts'

const POLL_MS = 50
const GIVE_UP_MS = 45_000

export type Row = { readonly [name: string]: unknown }

export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + GIVE_UP_MS
  while (!holds()) {
    assert.ok(performance.now() < end, `never came: ${what}`)
    await pause(POLL_MS)
  }
}

const LISTEN = '0A'

function isListening(port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return ['/proc/net/tcp', '/proc/net/tcp6'].some(table =>
    readFileSync(table, 'utf8')
      .split('\n')
      .some(line => line.split(/\s+/)[2]?.endsWith(`:${wanted}`) && line.split(/\s+/)[4] === LISTEN),
  )
}

export const listening = (port: number): Promise<void> => until(`a socket on port ${port}`, () => isListening(port))

/** A bgp-recv process. */
export class Receiver {
  readonly #child: ChildProcess
  readonly #ending: Promise<Ended>
  #text = ''
  /** Standard error so far. */
  said = ''

  private constructor(context: TestContext, words: readonly string[]) {
    this.#child = start(['bgp-recv', '--router-id', '192.0.2.254', ...words])
    this.#ending = ended(this.#child)
    this.#child.stdout?.on('data', chunk => {
      this.#text += String(chunk)
    })
    this.#child.stderr?.on('data', chunk => {
      this.said += String(chunk)
    })
    context.after(() => this.#child.kill('SIGKILL'))
  }

  /** Lets it read its files again. */
  reload(): void {
    this.#child.kill('SIGHUP')
  }

  async says(what: RegExp): Promise<void> {
    await until(String(what), () => what.test(this.said))
  }

  static listening(context: TestContext, port: number, ...words: string[]): Promise<Receiver> {
    return Receiver.listeningAt(context, '127.0.0.1', port, ...words)
  }

  static async listeningAt(context: TestContext, at: string, port: number, ...words: string[]): Promise<Receiver> {
    const receiver = new Receiver(context, ['--listen', `${at}:${port}`, ...words])
    await listening(port)
    return receiver
  }

  static connecting(context: TestContext, address: string, ...words: string[]): Receiver {
    return new Receiver(context, ['--connect', address, ...words])
  }

  get rows(): Row[] {
    return records(this.#text.slice(0, this.#text.lastIndexOf('\n') + 1))
  }

  /** Rows of that are contained in each of the wanted ones, when all have come. */
  async has(...wanted: readonly Row[]): Promise<void> {
    const missing = () => wanted.filter(row => !this.rows.some(one => contains(one, row)))
    await until('all rows', () => missing().length === 0).catch(() => {
      assert.fail(`missing: ${JSON.stringify(missing())}\nof: ${this.rows.map(row => JSON.stringify(row)).join('\n')}`)
    })
  }

  async count(what: Row, count: number): Promise<void> {
    await until(
      `${count} rows of ${JSON.stringify(what)}`,
      () => this.rows.filter(row => contains(row, what)).length >= count,
    )
  }

  async stop(): Promise<{ rows: Row[]; said: string }> {
    this.#child.kill('SIGTERM')
    const { stdout, stderr, status } = await this.#ending
    assert.equal(status, 0, stderr)
    return { rows: records(stdout), said: stderr }
  }
}

function contains(row: Row, wanted: Row): boolean {
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(row[name]) === JSON.stringify(value))
}

/** Writes a configuration and starts its program; `{file}` in the words is where it is. */
function configured(context: TestContext, text: string, words: readonly string[]): ChildProcess {
  const folder = scratch(context)
  const file = join(folder, 'peer.conf')
  writeFileSync(file, text)
  mkdirSync(join(folder, 'run'))
  const child = startProgram(
    context,
    words.map(word => word.replace('{file}', file).replace('{folder}', folder)),
    folder,
  )
  child.stdout?.resume()
  child.stderr?.resume()
  return child
}

export const bird = (context: TestContext, text: string): ChildProcess =>
  configured(context, text, ['bird', '-f', '-c', '{file}', '-s', '{folder}/bird.ctl'])

/** `at`: where it listens; nowhere without. */
export const frr = (
  context: TestContext,
  text: string,
  at?: { readonly address: string; readonly port: number },
): ChildProcess => {
  const listen = at ? ['-p', String(at.port), '-l', at.address] : ['-p', '0']
  const words = ['--no_zebra', '--skip_runas', '-n', ...listen, '-P', '0', '--log', 'stdout']
  const paths = ['--vty_socket', '{folder}/run', '-i', '{folder}/bgpd.pid', '-f', '{file}']
  return configured(context, text, ['/usr/lib/frr/bgpd', ...words, ...paths])
}

export const exabgp = (context: TestContext, text: string, port: number): ChildProcess => {
  const settings = [
    `exabgp.tcp.port=${port}`,
    'exabgp.daemon.user=root',
    'exabgp.log.all=false',
    'exabgp.api.cli=false',
  ]
  return configured(context, text, ['env', ...settings, 'exabgp', '{file}'])
}

export class Gobgp {
  readonly child: ChildProcess
  readonly #context: TestContext
  readonly #api: number

  private constructor(context: TestContext, text: string, api: number) {
    this.#context = context
    this.#api = api
    this.child = configured(context, text, ['gobgpd', '-f', '{file}', '--api-hosts', `127.0.0.1:${api}`])
  }

  static async start(context: TestContext, text: string): Promise<Gobgp> {
    const api = await freeTcpPort()
    const gobgp = new Gobgp(context, text, api)
    await listening(api)
    return gobgp
  }

  async say(words: string): Promise<string> {
    const { stdout, stderr, status } = await runProgram(this.#context, [
      'gobgp',
      '-p',
      String(this.#api),
      ...words.split(' '),
    ])
    assert.equal(status, 0, `${words}: ${stdout}${stderr}`)
    return stdout
  }
}
