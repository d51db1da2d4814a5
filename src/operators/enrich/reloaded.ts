// A map or table of a file, read again on SIGHUP.
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { MapOf } from '../../maps/map-of.ts'

export interface Readable<Table extends object> {
  readonly table: Table
  /** Reads it again. */
  readonly read: () => Promise<Table | Problem>
}

export class Reloaded<Table extends object> {
  table: Table
  readonly #read: () => Promise<Table | Problem>

  constructor({ table, read }: Readable<Table>) {
    this.table = table
    this.#read = read
  }

  /** False when the table that was read before stays in force. Counts `maps/reloaded` and `maps/refused`. */
  async reload(host: Host, isUsable: (table: Table) => Problem | undefined = () => undefined): Promise<boolean> {
    const read = await this.#read()
    const next = isProblem(read) ? read : (isUsable(read) ?? read)
    if (isProblem(next)) {
      host.count('maps/refused')
      host.report({ ...next, message: `${next.message}; the map read before stays in force` })
      return false
    }
    this.table = next
    host.count('maps/reloaded')
    return true
  }
}

/** A map of rules, with the columns that it reads taken from those of a resolver. */
export class BoundMap<Answer> {
  readonly #map: Reloaded<MapOf<Answer>>
  readonly #fields: readonly Field[]
  readonly #columns: Column[] = []
  #places: readonly number[] = []
  #place: ((field: string) => number) | undefined

  constructor(map: Readable<MapOf<Answer>>) {
    this.#map = new Reloaded(map)
    this.#fields = map.table.fields
  }

  /** Fields of records that it reads; `own` are given by the resolver itself. */
  reads(own: readonly Field[] = []): string[] {
    return this.#fields.map(({ name }) => name).filter(name => !own.some(field => field.name === name))
  }

  /** `own`: a column of the resolver for a field that is not of the record. */
  bind(place: (field: string) => number): void {
    this.#place = place
    this.#places = this.#map.table.fields.map(({ name }) => place(name))
  }

  /** Before rows of a batch are asked. */
  open(columns: readonly Column[], own?: (place: number) => Column | undefined): void {
    for (let at = 0; at < this.#places.length; at++) {
      const place = this.#places[at] as number
      this.#columns[at] = (own?.(place) ?? columns[place]) as Column
    }
  }

  match(row: number): Answer | undefined {
    return this.#map.table.match(this.#columns, row)
  }

  async reload(host: Host): Promise<void> {
    const place = this.#place
    const hasNew = (map: MapOf<Answer>): Problem | undefined => {
      const unread = map.fields.find(({ name }) => !this.#fields.some(field => field.name === name))
      return (
        unread && {
          code: 'maps/new-field',
          message: `${map.file} now asks for ${unread.name}, which was not read so far`,
          hint: 'start the command again to use the new map',
        }
      )
    }
    if ((await this.#map.reload(host, hasNew)) && place) this.bind(place)
  }
}
