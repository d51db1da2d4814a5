// A sink for tests, good or bad, and how it talks to line-server.ts: a JSON line `{id, lines}`, answered by `{refused: [index]}`
// when the lines are in the server's file.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Args, deliveryCommand, Flags, parseEndpoint } from 'netally'

/** Ways to be bad, each of which the compliance suite must find. */
const BAD = ['loses-batches', 'repeats-batches', 'forgets-refused', 'changes-numbers', 'never-comes-back']

function connection(endpoint) {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint.port, endpoint.host, () => resolve(socket))
    socket.once('error', reject)
  })
}

function exchange(socket, answers) {
  return async request => {
    socket.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error('the server left')
    return JSON.parse(value)
  }
}

async function backend({ endpoint, bad }) {
  const socket = await connection(endpoint)
  socket.on('error', () => {})
  const ask = exchange(socket, createInterface({ input: socket })[Symbol.asyncIterator]())
  return {
    async write(batch) {
      let lines = batch.lines
      if (bad === 'changes-numbers') lines = lines.map(line => JSON.stringify(JSON.parse(line)))
      const request = { id: bad === 'repeats-batches' ? `${Math.random()}` : batch.id, lines }
      try {
        const { refused } = await ask(request)
        if (bad === 'repeats-batches') await ask({ ...request, id: `${Math.random()}` })
        return bad === 'forgets-refused' ? [] : refused.map(index => ({ index, reason: 'refuse is set' }))
      } catch (error) {
        if (bad === 'loses-batches') return []
        if (bad === 'never-comes-back') await new Promise(() => {})
        throw error
      }
    },
    async close() {
      socket.destroy()
    },
  }
}

const sinkLines = deliveryCommand({
  summary: 'lines to a server of tests',
  args: { server: Args.string({ required: true }) },
  flags: { bad: Flags.string({ options: BAD }) },
  form: 'octets',
  prepare: ({ server, bad }) => ({ endpoint: parseEndpoint(server, { ports: { lines: 1 } }), bad }),
  connect: options => backend(options),
})

export const commands = { 'sink-lines': sinkLines }
