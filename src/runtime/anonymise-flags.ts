// The flags of anonymise, and what they mean.
import { readFileSync } from 'node:fs'
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { fieldsOf } from '../fields/dictionary.ts'
import { type Prefix, parsePrefix } from '../lookup/prefix.ts'
import { KEY_OCTETS } from '../octets/crypto-pan.ts'
import type { MacPolicy } from '../operators/anonymise/mapping.ts'
import type { AnonymiseOptions } from '../operators/anonymise.ts'
import { type ParsedOptions, words } from './parsed.ts'

export const ANONYMISE_FLAGS = {
  'key-file': Flags.file({
    summary: 'file with the key, 32 octets or 64 hex digits; else NETALLY_ANONYMISE_KEY has it in hex',
    helpValue: 'FILE',
  }),
  keep: Flags.string({
    summary: 'addresses in these prefixes stay; other addresses may become one of them',
    helpValue: 'PREFIX',
    multiple: true,
  }),
  except: Flags.string({ summary: 'fields that stay as they are', helpValue: 'a,b' }),
  remove: Flags.string({ summary: 'fields that are taken out', helpValue: 'a,b' }),
  macs: Flags.string({
    summary: 'MAC addresses: hashed whole, hashed but for the vendor, or kept',
    options: ['all', 'vendor', 'keep'],
    default: 'all',
  }),
}

const MAKE_ONE = 'make one: head -c 32 /dev/urandom > key.bin; who has it can undo the replacement'
const noKey = (message: string): ProblemError => new ProblemError({ code: 'usage/no-key', message, hint: MAKE_ONE })

/** Raw octets, or their hex digits. */
function keyOf(octets: Buffer, where: string): Uint8Array {
  if (octets.length === KEY_OCTETS) return octets
  const text = octets.toString('latin1').trim()
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw noKey(`${where} is no key of 32 octets or 64 hex digits`)
}

function readKey(path: unknown): Uint8Array {
  if (path === undefined) {
    const hex = process.env.NETALLY_ANONYMISE_KEY
    if (hex === undefined) throw noKey('a key is needed: --key-file or NETALLY_ANONYMISE_KEY')
    return keyOf(Buffer.from(hex), 'NETALLY_ANONYMISE_KEY')
  }
  try {
    return keyOf(readFileSync(String(path)), `"${String(path)}"`)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw noKey(`the key cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function keptPrefix(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix) return prefix
  throw new ProblemError({
    code: 'usage/bad-prefix',
    message: `--keep "${text}" is no prefix`,
    hint: 'write 192.0.2.0/24 or 2001:db8::/32',
  })
}

const fieldNames = (value: unknown): Set<string> =>
  new Set(words(value).flatMap(word => fieldsOf(word).map(({ name }) => name)))

/** Options of the operator from parsed flags; throws a ProblemError. */
export function anonymiseOptions(parsed: ParsedOptions): AnonymiseOptions {
  return {
    key: readKey(parsed['key-file']),
    keep: ((parsed.keep as string[] | undefined) ?? []).flatMap(words).map(keptPrefix),
    macs: parsed.macs as MacPolicy,
    except: fieldNames(parsed.except),
    remove: fieldNames(parsed.remove),
  }
}
