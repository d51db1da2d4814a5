import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const demo = join(import.meta.dirname, '..', '..', 'examples', 'demo')

test('the bundled capture is what its script makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netally-demo-'))
  try {
    const made = join(folder, 'made.pcap')
    execFileSync(process.execPath, [join(demo, 'make-capture.ts'), made])
    assert.ok(readFileSync(made).equals(readFileSync(join(demo, 'exporters.pcap'))))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
