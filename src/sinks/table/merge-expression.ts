// How a row that is there takes a second row of the same key, in SQL.
import type { Role } from '../../fields/field.ts'

/** What a database calls the functions. */
export interface MergeFunctions {
  readonly least: string
  readonly greatest: string
  readonly coalesce: string
}

/** `coalesce(old.bytes + new.bytes, new.bytes, old.bytes)`: an absent value leaves the other. */
export function mergeExpression(
  role: Role,
  old: string,
  added: string,
  { least, greatest, coalesce }: MergeFunctions,
): string {
  const both: { readonly [role in Role]: string } = {
    key: added,
    sum: `${old} + ${added}`,
    min: `${least}(${old}, ${added})`,
    max: `${greatest}(${old}, ${added})`,
    or: `${old} | ${added}`,
  }
  return `${coalesce}(${both[role]}, ${added}, ${old})`
}
