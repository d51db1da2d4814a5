// Messages into a capture file instead of a network: what tcpdump would have seen, at the time of the records.
import { closeSync, openSync } from 'node:fs'
import { ProblemError } from '../../contract/problem.ts'
import { fileOutput, type OctetOutput, standardOutput } from '../../stream/output.ts'
import { pcapHeader, pcapRecord, udpFrame } from '../../wire/capture/write.ts'
import type { Message, Transport } from './transport.ts'

export interface CaptureTarget {
  /** - is standard output. */
  readonly path: string
  readonly source: string
  readonly destination: string
  readonly port: number
}

/** The exporter's port in the capture. */
const SOURCE_PORT = 50_000

class CaptureFile implements Transport {
  readonly #target: CaptureTarget
  readonly #output: OctetOutput
  readonly #close: () => void

  constructor(target: CaptureTarget, output: OctetOutput, close: () => void) {
    this.#target = target
    this.#output = output
    this.#close = close
  }

  async send({ octets, nowMs }: Message): Promise<boolean> {
    const { source, destination, port } = this.#target
    const frame = udpFrame({ source, destination, sourcePort: SOURCE_PORT, destinationPort: port }, octets)
    await this.#output.write(pcapRecord(nowMs * 1000, frame))
    return true
  }

  async close(): Promise<void> {
    this.#close()
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    throw new ProblemError({
      code: 'sink-flow/not-written',
      message: `${path} cannot be written: ${(error as Error).message}`,
      hint: 'name a file in a folder that is there and may be written to',
    })
  }
}

/** Throws a ProblemError when the file cannot be made. */
export async function openCapture(target: CaptureTarget): Promise<Transport> {
  const isStandard = target.path === '-'
  const fd = isStandard ? -1 : openFile(target.path)
  const output = isStandard ? standardOutput() : fileOutput(fd)
  await output.write(pcapHeader())
  return new CaptureFile(target, output, () => {
    if (!isStandard) closeSync(fd)
  })
}
