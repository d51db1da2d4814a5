// Users and groups of the machine, by the texts of passwd(5) and group(5): the third column is the number in both.
const NAME_COLUMN = 0
export const ID_COLUMN = 2
/** Of passwd: the user's own group. */
export const GROUP_COLUMN = 3

/** Whole numbers in columns of the first line of that name that has them; undefined when there is none. */
export function accountNumbers(accounts: string, name: string, columns: readonly number[]): number[] | undefined {
  for (const line of accounts.split('\n')) {
    const words = line.split(':')
    if (words[NAME_COLUMN] !== name) continue
    const numbers = columns.map(column => words[column] ?? '')
    if (numbers.every(number => /^\d+$/.test(number))) return numbers.map(Number)
  }
  return undefined
}
