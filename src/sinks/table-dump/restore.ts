// The table as the last dump has it.
import { existsSync } from 'node:fs'
import type { Host } from '../../contract/host.ts'
import { readLines } from '../../fields/line-reader.ts'
import { openFile } from '../../stream/file-input.ts'
import type { Rib } from '../../wire/rib/rib.ts'
import type { LeafTable } from '../../wire/telemetry/leaf-table.ts'

/** An empty table: of routes, unless it is told to be one of telemetry. */
interface Empty {
  readonly rib: Rib
  keepLeaves(): LeafTable
}

/** Reads a dump into an empty table. A file that is not there is no failure: the first run has none. */
export async function restoreTable(table: Empty, path: string, host: Host): Promise<void> {
  if (!existsSync(path)) {
    host.report({
      note: true,
      code: 'dump/nothing-to-restore',
      message: `there is no "${path}": the table begins empty`,
    })
    return
  }
  // What is read here did not come in, so it is not counted as if it had.
  const quiet: Host = {
    ...host,
    signal: host.signal,
    reloads: 0,
    count() {},
    watch() {},
    report: problem => host.report(problem),
  }
  let leaves: LeafTable | undefined
  const { rib } = table
  rib.peers.restoring = true
  for await (const batch of readLines(openFile(path), quiet, { heartbeat: false, name: path })) {
    if (batch.records[0]?.telemetry_node !== undefined) leaves ??= table.keepLeaves()
    if (!leaves) rib.take(batch)
    else {
      leaves.begin(batch)
      leaves.advance(() => false)
    }
  }
  rib.peers.restoring = false
  host.count('restored', leaves?.size ?? rib.table.size)
  // Its times are past; what comes now has its own.
  for (const kept of leaves ? [leaves] : [rib]) {
    kept.clockMs = 0
    kept.changes = 0
  }
}
