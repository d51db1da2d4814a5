#!/usr/bin/env node
// Hands over to oclif; says what to do where Node is too old, and ends quietly when the reader of the output leaves.
// Not by name: an old Node has no such export, and would fail before it is told that it is old.
import module from 'node:module'

const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 22) {
  process.stderr.write(
    `netally needs Node.js 22 or newer; this is ${process.version}.\n` +
      '  try: npx netally ... in its folder after npm install (brings Node 24 along), or install a newer Node.js\n',
  )
  process.exit(1)
}
module.enableCompileCache?.()
process.stdout.on('error', error => process.exit(process.exitCode ?? (error.code === 'EPIPE' ? 0 : 1)))
const { start } = await import('../dist/runtime/start.js')
await start(process.argv.slice(2))
