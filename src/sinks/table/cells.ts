// Values as cells of a database's row: a form takes a value, or says that the value is none of its kind.
import { isIP } from 'node:net'
import type { Value } from '../../contract/record.ts'
import { jsonText } from '../../stream/json.ts'
import { timeText } from '../table-column.ts'

export type Cell = string | number | bigint

/** Undefined: the value is not of this kind, and the record cannot be stored. Never called for null. */
export type CellForm = (value: Value) => Cell | undefined

/** Whole numbers within bounds; true and false are 1 and 0, digits as text are numbers. */
export function wholeCell(least: bigint, greatest: bigint): CellForm {
  const isSafe = least <= BigInt(Number.MIN_SAFE_INTEGER) && greatest >= BigInt(Number.MAX_SAFE_INTEGER)
  const fits = (number: bigint) => (number >= least && number <= greatest ? number : undefined)
  return value => {
    if (typeof value === 'number') {
      if (!Number.isInteger(value)) return undefined
      if (isSafe && Number.isSafeInteger(value)) return value
      const fitting = fits(BigInt(value))
      return fitting !== undefined && Number.isSafeInteger(value) ? value : fitting
    }
    if (typeof value === 'bigint') return fits(value)
    if (typeof value === 'boolean') return value ? 1 : 0
    return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? fits(BigInt(value)) : undefined
  }
}

export const INT64: CellForm = wholeCell(-(2n ** 63n), 2n ** 63n - 1n)
export const UINT64: CellForm = wholeCell(0n, 2n ** 64n - 1n)
/** What DECIMAL(20) holds. */
export const DIGITS20: CellForm = wholeCell(1n - 10n ** 20n, 10n ** 20n - 1n)

/** Any number, exact where it is whole. */
export const numberCell: CellForm = value => {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Text of anything: strings as they are, the rest as JSON. A NUL is no text for most databases. */
export const textCell: CellForm = value => {
  const text = typeof value === 'string' ? value : jsonText(value)
  return text.includes('\0') ? undefined : text
}

export const jsonCell: CellForm = value => jsonText(value)

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`, UTC; the last one is kept, because neighbours often have the same. */
export function timeCell(): CellForm {
  let lastValue: Value | undefined
  let lastText: string | undefined
  return value => {
    if (value === lastValue) return lastText
    lastValue = value
    lastText = timeText(value)
    return lastText
  }
}

/** An IPv4 or IPv6 address without a zone. */
export const addressCell: CellForm = value =>
  typeof value === 'string' && isIP(value) !== 0 && !value.includes('%') ? value : undefined

export const macCell: CellForm = value =>
  typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value) ? value : undefined
