// Records to OpenTSDB. A batch that comes again has the same times, so that each point takes its own place.
import { type Backend, type DeliveryBatch, type Host, isolate, type Rejected, rejectedRecords } from 'netally'
import { type DataPoint, DataPoints } from './data-point.ts'
import { HttpPut, type RefusedPoint } from './http.ts'
import type { OpentsdbOptions } from './options.ts'
import { TelnetPut } from './telnet.ts'

type Put = (dataPoints: readonly DataPoint[], signal: AbortSignal) => Promise<readonly RefusedPoint[]>

class OpentsdbBackend implements Backend {
  readonly #dataPoints: DataPoints
  readonly #host: Host
  readonly #put: Put
  readonly #close: () => void

  constructor(dataPoints: DataPoints, host: Host, put: Put, close: () => void) {
    this.#dataPoints = dataPoints
    this.#host = host
    this.#put = put
    this.#close = close
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const { dataPoints, rejected } = this.#dataPoints.of(batch)
    const refused = dataPoints.length === 0 ? [] : await this.#put(dataPoints, signal)
    this.#host.count('points', dataPoints.length - refused.length)
    // A record may have several values, and counts once.
    const byPoint = new Map(refused.map(({ dataPoint, reason }) => [dataPoint.point, reason]))
    return [...rejected, ...rejectedRecords([...byPoint].map(([point, reason]) => ({ point, reason })))]
  }

  async close(): Promise<void> {
    this.#close()
  }
}

/** By halves: telnet says what is wrong, not with which line. */
function byTelnet(telnet: TelnetPut): Put {
  return async (dataPoints, signal) => {
    const refused = await isolate(dataPoints, async part => {
      const errors = await telnet.put(part, signal)
      return errors.length === 0 ? undefined : { reason: errors[0] as string, isAll: errors.length === part.length }
    })
    return refused.map(({ item, reason }) => ({ dataPoint: item, reason }))
  }
}

/** One for all connections of a command: places of deliveries are remembered between attempts. */
const known = new WeakMap<OpentsdbOptions, DataPoints>()

export async function connectOpentsdb(options: OpentsdbOptions, host: Host, signal: AbortSignal): Promise<Backend> {
  const dataPoints = known.get(options) ?? new DataPoints(options)
  known.set(options, dataPoints)
  const client = options.isTelnet ? new TelnetPut(options) : new HttpPut(options)
  try {
    await client.check(signal)
  } catch (error) {
    client.close()
    throw error
  }
  const put: Put = client instanceof TelnetPut ? byTelnet(client) : (points, until) => client.put(points, until)
  return new OpentsdbBackend(dataPoints, host, put, () => client.close())
}
