// The flags of replay, and what they mean.
import { lookup } from 'node:dns/promises'
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { parseReceiver } from '../maps/tee-receivers.ts'
import { isLoopback, type Pace, type ReplayOptions } from '../sources/replay.ts'
import { FLOW_FLAGS } from './flow-flags.ts'

export const REPLAY_FLAGS = {
  to: Flags.string({ summary: 'where datagrams go', helpValue: 'HOST:PORT', default: '127.0.0.1:2100' }),
  anywhere: Flags.boolean({ summary: 'send to another machine, too' }),
  speed: Flags.string({ summary: 'so many times as fast as it was captured (default 1)', helpValue: 'FACTOR' }),
  rate: Flags.integer({ summary: 'datagrams a second', helpValue: 'N', min: 1, exclusive: ['speed'] }),
  max: Flags.boolean({ summary: 'as fast as it goes', exclusive: ['speed', 'rate'] }),
  loop: Flags.integer({
    summary: 'send everything so often; 0 = until it is ended',
    helpValue: 'N',
    min: 0,
    default: 1,
  }),
  'udp-port': FLOW_FLAGS['udp-port'],
}

interface Parsed {
  readonly to: string
  readonly anywhere: boolean
  readonly speed?: string | undefined
  readonly rate?: number | undefined
  readonly max: boolean
  readonly loop: number
  readonly 'udp-port'?: number[] | undefined
}

const wrong = (code: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/${code}`, message, hint })

function paceOf({ speed, rate, max }: Parsed): Pace {
  if (max) return 'max'
  if (rate !== undefined) return { rate }
  const factor = Number(speed ?? 1)
  if (factor > 0 && Number.isFinite(factor)) return { speed: factor }
  throw wrong('bad-speed', `--speed "${speed}" is no factor`, 'as in 10, or 0.5')
}

async function destination({ to, anywhere }: Parsed): Promise<ReplayOptions['to']> {
  const receiver = parseReceiver(to)
  if (!receiver) throw wrong('bad-receiver', `--to ${to} is not HOST:PORT`, '--to 127.0.0.1:2100')
  const { address } = await lookup(receiver.host).catch(({ code }) => {
    throw wrong('bad-receiver', `--to ${to} cannot be resolved: ${code}`, 'give an address')
  })
  if (isLoopback(address) || anywhere) return { address, port: receiver.port }
  throw wrong('not-loopback', `--to ${to} is another machine`, 'give --anywhere if old flows shall be sent there')
}

/** Throws a ProblemError. */
export async function replayOptions(captures: readonly string[], parsed: Parsed): Promise<ReplayOptions> {
  if (captures.length === 0) throw wrong('no-capture', 'no capture to replay', 'netally replay CAPTURE')
  if (captures.includes('-') && parsed.loop !== 1) {
    throw wrong('loop-of-stdin', 'standard input comes once', 'leave out --loop, or name a file')
  }
  return {
    captures,
    udpPorts: parsed['udp-port'] ?? [],
    to: await destination(parsed),
    pace: paceOf(parsed),
    rounds: parsed.loop,
  }
}
