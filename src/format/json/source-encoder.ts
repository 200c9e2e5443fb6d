import type { ChangeEvent, SnapshotMarker } from '../../event/change-event.ts'
import type { SourceLayout, SourceNames } from '../../event/table.ts'
import type { Transaction } from '../../event/transaction.ts'
import { jsonText, missingValue, type JsonLayout } from '../../json/json-layout.ts'
import { EMPTY_RUN, byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { JsonWriter } from '../../json/json-writer.ts'
import { renderJson } from '../../json/render-json.ts'

/** A `source` struct as runs: one for each field that is written, and what follows the last of them, with the closing brace. */
interface SourceRuns {
  readonly layouts: readonly JsonLayout[]
  readonly trail: ByteRun
}

/** JSON around the digits of a composed field. */
interface Composed {
  readonly begin: string
  readonly end: string
}

const NOT_COMPOSED: Composed = { begin: '', end: '' }

/** Fields of one transaction's events are kept once it has this many of a table: most transactions are short. */
const WORTH_KEEPING = 3

/**
 * Writes the `source` struct, and what leads up to it. Constants are part of the names around them; fields that only a new
 * transaction changes become so too, as long as events of one transaction follow each other.
 */
export class SourceEncoder {
  private readonly leads: readonly string[]
  private readonly source: SourceLayout
  private readonly nulls: readonly ByteRun[]
  private readonly constants: readonly (string | undefined)[]
  private readonly whole: SourceRuns
  private readonly keeps: boolean
  private kept: SourceRuns | undefined
  private transaction: Transaction | undefined
  private snapshot: SnapshotMarker | undefined
  private repeated = 0

  /** `leads`: what may come before the struct's first field; `write` names one of them by index. */
  constructor(leads: readonly string[], source: SourceLayout, names: SourceNames, replaceNull: boolean) {
    this.leads = leads
    this.source = source
    this.nulls = source.fields.map(({ field }) => missingValue(field.schema, replaceNull))
    this.constants = source.fields.map(({ constant }) => (constant === undefined ? undefined : renderJson((writer) => constant(writer, names)).toString()))
    this.whole = this.prepare(this.constants)
    this.keeps = source.fields.some(({ perTransaction }) => perTransaction === true)
  }

  /** Writes lead and struct, up to and with its closing brace. */
  write(lead: number, event: ChangeEvent, writer: JsonWriter): void {
    writer.run(this.begin(lead, event, writer))
  }

  /** Writes lead and struct up to the last field that is an event's own; returns the rest, with the closing brace. */
  begin(lead: number, event: ChangeEvent, writer: JsonWriter): ByteRun {
    if (event.transaction !== this.transaction || event.snapshot !== this.snapshot) this.change(event)
    else if (this.keeps && this.kept === undefined && ++this.repeated === WORTH_KEEPING) this.keep(event)
    const { kept } = this
    const runs = kept ?? this.whole
    writer.use(runs.layouts[lead]!)
    this.source.write(event, writer, kept !== undefined)
    return runs.trail
  }

  private change(event: ChangeEvent): void {
    this.transaction = event.transaction
    this.snapshot = event.snapshot
    this.repeated = 0
    this.kept = undefined
  }

  private keep(event: ChangeEvent): void {
    const values = this.valuesOf(event)
    const known = this.source.fields.map(({ perTransaction }, index) => (perTransaction === true ? values[index] : this.constants[index]))
    this.kept = this.prepare(known, this.source.fields.map(({ composed }) => (composed === undefined ? NOT_COMPOSED : { begin: jsonText(composed.begin(event)).slice(0, -1), end: jsonText(composed.end).slice(1) })))
  }

  /** The JSON of every field that is not constant: written with a separator that JSON text never contains. */
  private valuesOf(event: ChangeEvent): (string | undefined)[] {
    const separated: JsonLayout = { lead: EMPTY_RUN, runs: this.nulls.map(() => byteRun('\0')), nulls: this.nulls }
    const written = renderJson((writer) => {
      writer.use(separated)
      this.source.write(event, writer)
    })
    const values = written.toString().split('\0').slice(1)
    return this.constants.map((constant) => (constant === undefined ? values.shift() : undefined))
  }

  /** `known`: the JSON of the fields that are not written; `composed`: what stands around those that are. Runs are found by the field's index among all. */
  private prepare(known: readonly (string | undefined)[], composed?: readonly Composed[]): SourceRuns {
    const parts = this.source.fields.map(({ field }, index) => `${index === 0 ? '' : ','}${jsonText(field.name)}:`)
    const first = known.indexOf(undefined)
    let pending = ''
    const texts = parts.map((part, index) => {
      const { begin, end } = composed?.[index] ?? NOT_COMPOSED
      const text = pending + part + begin
      pending = known[index] === undefined ? end : text + known[index]
      return text
    })
    const layouts = this.leads.map((lead) => ({
      lead: first < 0 ? byteRun(lead) : EMPTY_RUN,
      runs: texts.map((text, index) => (known[index] === undefined ? byteRun(index === first ? lead + text : text) : EMPTY_RUN)),
      nulls: this.nulls,
    }))
    return { layouts, trail: byteRun(`${pending}}`) }
  }
}
