// `netally rib`: reads a table, or asks the one who has it, and shows the answer.
import { connect } from 'node:net'
import { ProblemError } from '../contract/problem.ts'
import { type NetRecord, recordBatch } from '../contract/record.ts'
import { readLines } from '../fields/line-reader.ts'
import { OctetBuffer } from '../octets/buffer.ts'
import { tableFormat } from '../sinks/dump/table.ts'
import { DUMP_DEFAULTS } from '../sinks/dump.ts'
import { openFile } from '../stream/file-input.ts'
import { standardInput } from '../stream/input.ts'
import { parsedRecord } from '../stream/json.ts'
import { fileOutput, type OctetOutput, standardOutput } from '../stream/output.ts'
import { answer, questionText } from '../wire/rib/answer.ts'
import { isDestination } from '../wire/rib/members.ts'
import { Rib } from '../wire/rib/rib.ts'
import type { StageHost } from './host.ts'
import type { RibRequest } from './rib-flags.ts'
import { socketPath } from './table-flags.ts'

async function* answerOfTable(request: RibRequest, host: StageHost): AsyncGenerator<Uint8Array> {
  const rib = new Rib((name, by) => host.count(name, by))
  rib.holdsCloses = true
  const isStandard = request.source === '-'
  const input = isStandard ? standardInput() : openFile(request.source)
  const name = isStandard ? 'standard input' : request.source
  for await (const batch of readLines(input, host, { heartbeat: false, name })) {
    host.count('in', batch.count)
    rib.take(batch)
  }
  rib.finish()
  yield* answer(rib, request.question, Number.POSITIVE_INFINITY)
}

async function* answerOfSocket(path: string, request: RibRequest): AsyncGenerator<Uint8Array> {
  const socket = connect(path)
  socket.write(questionText(request.question))
  try {
    for await (const chunk of socket) yield chunk as Buffer
  } catch (error) {
    throw new ProblemError({
      code: 'rib/no-answer',
      message: `cannot ask "${path}": ${error instanceof Error ? error.message : String(error)}`,
      hint: 'netally dump --table --serve unix:PATH answers',
    })
  }
}

/** Columns for people: the first that a record has of each. */
const ROUTE_COLUMNS = [
  'ip_prefix',
  'destination',
  'rd',
  'as_path_id',
  'peer',
  'bmp_rib_type',
  'bgp_nexthop',
  'as_path',
  'origin',
  'local_pref',
  'med',
  'comms',
]
const PEER_COLUMNS = ['bmp_router', 'peer', 'peer_tcp_port', 'peer_asn', 'bgp_id', 'bmp_rib_type', 'entries']
/** Rows of a table that people read at a time. */
const ROWS = 1000

/** `route_type=3 ethernet_tag=100 originator=192.0.2.1`: what is announced where a prefix does not say it. */
const destination = (record: NetRecord): string =>
  Object.keys(record)
    .filter(isDestination)
    .map(name => {
      const value = record[name]
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return name === 'flowspec' ? text : `${name.replace(/^evpn_/, '')}=${text}`
    })
    .join(' ')

const cell = (record: NetRecord): NetRecord => ({
  ...record,
  destination: destination(record),
  peer: record.peer_ip ?? record.peer_ip_src ?? '',
  ...(Array.isArray(record.as_path) ? { as_path: record.as_path.join(' ') } : {}),
  ...(Array.isArray(record.comms) ? { comms: record.comms.join(' ') } : {}),
})

/** For people: columns that no record has are not there. */
export function tableOf(records: readonly NetRecord[], asksPeers: boolean): Uint8Array {
  const columns = asksPeers ? PEER_COLUMNS : ROUTE_COLUMNS
  const rows = records.map(cell)
  const shown = columns.filter(name => rows.some(row => row[name] !== undefined && row[name] !== ''))
  const format = tableFormat({ ...DUMP_DEFAULTS, format: 'table', fields: shown })({ fileName: '-', fresh: true })
  const out = new OctetBuffer(1 << 16)
  format.write(recordBatch(rows, 0), out)
  format.release(out, true)
  return out.written()
}

async function showTables(pieces: AsyncIterable<Uint8Array>, output: OctetOutput, asksPeers: boolean): Promise<number> {
  const decoder = new TextDecoder()
  let text = ''
  let rows: NetRecord[] = []
  let shown = 0
  const show = async () => {
    if (rows.length > 0) await output.write(tableOf(rows, asksPeers))
    shown += rows.length
    rows = []
  }
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const record = parsedRecord(line)
      if (record) rows.push(record)
    }
    if (rows.length >= ROWS) await show()
  }
  await show()
  return shown
}

async function showLines(pieces: AsyncIterable<Uint8Array>, output: OctetOutput): Promise<number> {
  let octets = 0
  for await (const piece of pieces) {
    await output.write(new Uint8Array(piece))
    octets += piece.length
  }
  return octets
}

/** Throws a ProblemError when nothing was found. */
export async function showRib(request: RibRequest, json: boolean, host: StageHost): Promise<void> {
  const path = socketPath(request.source)
  const pieces = path === undefined ? answerOfTable(request, host) : answerOfSocket(path, request)
  const isTerminal = process.stdout.isTTY === true
  const output = isTerminal ? fileOutput(1) : standardOutput()
  const found =
    isTerminal && !json
      ? await showTables(pieces, output, request.question === 'peers')
      : await showLines(pieces, output)
  if (found > 0) return
  throw new ProblemError({
    code: 'rib/not-found',
    message: request.question === 'peers' ? 'the table has no peers' : 'the table has no such route',
  })
}
