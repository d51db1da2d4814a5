// A TCP server begins to listen.
import { once } from 'node:events'
import type { ListenOptions, Server } from 'node:net'
import { addressText, type ListenAddress } from './listen-address.ts'
import { listenProblem } from './listen-problem.ts'

/**
 * Lets a server listen; `options` are the usual ones of an address and a port, unless the caller has others. Gives the
 * name of its socket, as `tcp 192.0.2.1:179`. Throws a ProblemError when it cannot.
 */
export async function listenTcp(
  server: Server,
  transport: string,
  where: ListenAddress,
  options: (usual: ListenOptions) => ListenOptions | { readonly fd: number } = usual => usual,
): Promise<string> {
  const { address, port } = where
  try {
    server.listen(options({ port, exclusive: true, ...(address === undefined ? {} : { host: address }) }))
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(error, transport, where)
  }
  const bound = server.address() as { address: string; port: number }
  return `${transport} ${addressText(bound.address, bound.port)}`
}
