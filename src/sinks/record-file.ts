// A file of NDJSON that an operator writes copies to (filter --pass, --fail).
import { close, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { ProblemError } from '../contract/problem.ts'
import type { Batch } from '../contract/record.ts'
import { OctetBuffer, writeBatch } from '../fields/json-write.ts'
import { fileOutput } from '../stream/output.ts'

const FULL_OCTETS = 1 << 18

export interface RecordFile {
  write(batch: Batch): Promise<void>
  close(): Promise<void>
}

/** Creates or replaces the file; a ProblemError when it cannot be made. */
export function openRecordFile(path: string): RecordFile {
  let fd: number
  try {
    fd = openSync(path, 'w')
  } catch (error) {
    throw new ProblemError({
      code: 'output/cannot-create',
      message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'check the path and its permissions',
    })
  }
  const output = fileOutput(fd)
  const buffer = new OctetBuffer(2 * FULL_OCTETS)
  const flush = async () => {
    await output.write(buffer.written())
    buffer.length = 0
  }
  return {
    async write(batch) {
      writeBatch(batch, buffer)
      if (buffer.length >= FULL_OCTETS) await flush()
    },
    async close() {
      await flush()
      await promisify(close)(fd)
    },
  }
}
