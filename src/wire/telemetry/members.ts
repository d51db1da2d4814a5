// Objects whose names come from the wire.
import type { Value } from '../../contract/record.ts'

export type Members = { [name: string]: Value }

/** An assignment of `__proto__` is none. */
export function setMember(members: Members, name: string, value: Value): void {
  if (name !== '__proto__') members[name] = value
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true })
}
