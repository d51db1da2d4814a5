// Where a worker begins: what V8 compiled before is used again, which a thread does not take over from its process.
import module from 'node:module'

module.enableCompileCache?.()
await import('./worker-main.ts')
