import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent, SnapshotMarker } from '../../event/change-event.ts'
import type { SourceLayout, SourceNames } from '../../event/table.ts'
import type { Transaction } from '../../event/transaction.ts'
import type { AvroNode } from './avro-node.ts'
import type { AvroWriter, Composed } from './avro-writer.ts'
import { fieldNode } from './field-node.ts'
import { renderAvro } from './render-avro.ts'
import { isSimple, valueEnd } from './value-end.ts'

/** A `source` record as runs: one before each field that is written, and what follows the last of them. */
interface SourceRuns {
  readonly nodes: readonly AvroNode[]
  readonly composed: readonly (Composed | undefined)[]
  readonly trail: ByteRun
}

const NOTHING: Buffer = Buffer.alloc(0)
/** Fields of one transaction's events are kept once it has this many of a table: most transactions are short. */
const WORTH_KEEPING = 3

/**
 * Writes the `source` record. Constants are part of what comes before the next field; fields that only a new transaction changes
 * become so too, as long as events of one transaction follow each other.
 */
export class SourceEncoder {
  private readonly source: SourceLayout
  private readonly nodes: readonly AvroNode[]
  private readonly constants: readonly (Buffer | undefined)[]
  private readonly whole: SourceRuns
  private readonly keeps: boolean
  private kept: SourceRuns | undefined
  private transaction: Transaction | undefined
  private snapshot: SnapshotMarker | undefined
  private repeated = 0

  constructor(source: SourceLayout, names: SourceNames, replaceNull: boolean) {
    this.source = source
    this.nodes = source.fields.map(({ field }) => fieldNode(field.schema, replaceNull, `source.${field.name}`))
    this.constants = source.fields.map(({ constant }, index) => (constant === undefined ? undefined : renderAvro(this.nodes, (writer) => {
      writer.column(index)
      constant(writer, names)
    })))
    this.whole = this.prepare(this.constants, [])
    this.keeps = source.fields.some(({ perTransaction }) => perTransaction === true) && source.fields.every(({ field }) => isSimple(field.schema))
  }

  write(event: ChangeEvent, writer: AvroWriter): void {
    if (event.transaction !== this.transaction || event.snapshot !== this.snapshot) this.begin(event)
    else if (this.keeps && this.kept === undefined && ++this.repeated === WORTH_KEEPING) this.keep(event)
    const { kept } = this
    const runs = kept ?? this.whole
    writer.use(runs.nodes, runs.composed)
    this.source.write(event, writer, kept !== undefined)
    writer.run(runs.trail)
  }

  private begin(event: ChangeEvent): void {
    this.transaction = event.transaction
    this.snapshot = event.snapshot
    this.repeated = 0
    this.kept = undefined
  }

  private keep(event: ChangeEvent): void {
    const values = this.valuesOf(event)
    const known = this.source.fields.map(({ perTransaction }, index) => (perTransaction === true ? values[index] : this.constants[index]))
    this.kept = this.prepare(known, this.source.fields.map(({ composed }) => (composed === undefined ? undefined : { begin: Buffer.from(composed.begin(event)), end: Buffer.from(composed.end) })))
  }

  /** The bytes of every field that is not constant, cut where each value ends. */
  private valuesOf(event: ChangeEvent): (Buffer | undefined)[] {
    const written = renderAvro(this.nodes, (writer) => this.source.write(event, writer))
    let at = 0
    return this.source.fields.map(({ field }, index) => {
      if (this.constants[index] !== undefined) return undefined
      const end = valueEnd(written, at, field.schema, this.nodes[index]!.branch)
      const value = written.subarray(at, end)
      at = end
      return value
    })
  }

  /** `known`: the bytes of the fields that are not written. */
  private prepare(known: readonly (Buffer | undefined)[], composed: readonly (Composed | undefined)[]): SourceRuns {
    let pending = NOTHING
    const nodes = this.nodes.map((node, index) => {
      const value = known[index]
      const placed = node.after(pending)
      pending = value === undefined ? NOTHING : Buffer.concat([pending, value])
      return placed
    })
    return { nodes, composed, trail: byteRun(pending) }
  }
}
