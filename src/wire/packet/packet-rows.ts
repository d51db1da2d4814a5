// One record a packet.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch } from '../../contract/record.ts'
import { allFields, fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { FrameBlock } from '../capture/block.ts'
import { Columns } from '../flow/columns.ts'
import { Forms } from '../flow/forms.ts'
import { OpenBatch } from '../flow/open-batch.ts'
import type { Plan } from '../flow/plan.ts'
import { TRACKED } from './flow-fields.ts'
import { type FrameWriter, isFrameField, rowWriter } from './frame-fields.ts'
import { FrameReader, type FrameSource, type PacketOptions } from './frame-reader.ts'
import { INSPECTED } from './inspect/inspect.ts'
import { isPlainField } from './parts.ts'

/** Costly or for special purposes: only where they are asked for by name. */
const BY_NAME: ReadonlySet<string> = new Set(['community_id', ...INSPECTED, ...TRACKED])

/** Names of the wanted fields. */
export function wantedNames(wanted: Needs): ReadonlySet<string> {
  const named = wanted.fields.flatMap(word => fieldsOf(word)).map(field => field.name)
  const rest = wanted.rest ? allFields().map(field => field.name) : []
  return new Set([...rest.filter(name => !BY_NAME.has(name)), ...named])
}

/** Takes packets of blocks, gives batches. */
export interface PacketSink {
  take(block: FrameBlock, source: FrameSource): Iterable<Batch>
  /** What is ready, though its batch is not full. */
  flush(): Iterable<Batch>
  /** A live input is silent: time goes on. Unix microseconds. */
  tick(nowUs: number): Iterable<Batch>
  /** All that is left. */
  finish(): Iterable<Batch>
}

interface Rows {
  readonly plan: Plan
  readonly write: FrameWriter
}

export class PacketRows implements PacketSink {
  readonly #reader: FrameReader
  readonly #open: OpenBatch
  readonly #full: Rows
  /** Of packets in no tunnel: fewer columns, for those that write them and those that read them. */
  readonly #plain: Rows
  #isWide = false

  constructor(options: PacketOptions, host: Host, wanted: Needs) {
    this.#reader = new FrameReader(options, host)
    const columns = new Columns()
    const forms = new Forms(columns)
    this.#open = new OpenBatch(forms)
    const names = wantedNames(wanted)
    const fields = allFields().filter(({ name }) => names.has(name) && isFrameField(name, options))
    const rows = (of: readonly Field[]): Rows => {
      const into = of.map(field => columns.of(field))
      const plan = { form: forms.of(of), columns: into, steps: [], split: undefined }
      return { plan, write: rowWriter(of, into, options) }
    }
    this.#full = rows(fields)
    this.#plain = rows(fields.filter(({ name }) => isPlainField(name)))
  }

  *take(block: FrameBlock, source: FrameSource): Generator<Batch> {
    const reader = this.#reader
    const open = this.#open
    const { frame } = reader
    for (let index = 0; index < block.count; index++) {
      if (!reader.read(block, index, source)) continue
      if (open.count === 0 || open.room < 1) this.#isWide = false
      if (open.room < 1) yield open.close()
      this.#isWide ||= !frame.packet.isPlain
      const { plan, write } = this.#isWide ? this.#full : this.#plain
      if (!open.accept(plan)) {
        yield open.close()
        open.accept(plan)
      }
      write(frame, open.count)
      open.add(1, frame.timeUs)
    }
    reader.count()
  }

  *flush(): Generator<Batch> {
    if (this.#open.count > 0) yield this.#open.close()
  }

  *tick(nowUs: number): Generator<Batch> {
    yield recordBatch([], Math.floor(nowUs / 1000))
  }

  *finish(): Generator<Batch> {
    yield* this.flush()
  }
}
