// What brokers say of each partition of a request.
import { causesOf } from './client.ts'

interface PartitionResponse {
  readonly index: number
  readonly errorCode: number
}

interface ProduceResponse {
  readonly responses?: readonly { readonly name: string; readonly partitionResponses: readonly PartitionResponse[] }[]
}

/** Of the messages, not of the brokers: another attempt with the same ones would fail in the same way. */
const REFUSALS: { readonly [code: number]: string } = {
  10: 'MESSAGE_TOO_LARGE',
  18: 'RECORD_LIST_TOO_LARGE',
  32: 'INVALID_TIMESTAMP',
  44: 'POLICY_VIOLATION',
  87: 'INVALID_RECORD',
}

export const isRefusal = (code: string): boolean => Object.values(REFUSALS).includes(code)

/** Errors by `TOPIC:PARTITION`; undefined when the request failed in another way as well. */
export function partitionErrors(error: unknown): Map<string, string> | undefined {
  const found = new Map<string, string>()
  for (const cause of causesOf(error)) {
    if (cause.code === 'PLT_KFK_NETWORK' || cause.code === 'PLT_KFK_TIMEOUT') return undefined
    const { responses } = ((cause as { response?: ProduceResponse }).response ?? {}) as ProduceResponse
    for (const { name, partitionResponses } of responses ?? []) {
      for (const { index, errorCode } of partitionResponses) {
        if (errorCode !== 0) found.set(`${name}:${index}`, REFUSALS[errorCode] ?? String(errorCode))
      }
    }
  }
  return found.size > 0 ? found : undefined
}
