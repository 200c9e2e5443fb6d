import type { ChangeEvent, SourceInfo } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { Column, RowCodec, RowImage, SourceLayout, TableVersion } from '../../event/table.ts'
import type { TailraceError } from '../../error/tailrace-error.ts'
import { changeObjects } from '../column-change.ts'
import type { ColumnChange, ColumnRules } from '../column-rule.ts'
import { columnFacts } from './column-facts.ts'
import type { PgTableShape } from './column.ts'
import { formatLsn } from './position.ts'
import { sourceInfo, sourceLayout } from './source-layout.ts'
import { createRowCodec } from './value/row-codec.ts'
import { createRowDecoder, type Parsers, type RowDecoder } from './value/row-decoder.ts'

/** A table at one point of the WAL: its shape, and the codecs compiled for it. */
export class PgTable implements TableVersion {
  readonly shape: PgTableShape
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly sourceLayout: SourceLayout
  readonly #parsers: Parsers
  readonly #rules: ColumnRules | undefined
  readonly #warn: (error: TailraceError) => void
  readonly #codecs = new Map<HandlingModes, RowCodec>()
  #decoder: RowDecoder | undefined

  constructor(shape: PgTableShape, parsers: Parsers, warn: (error: TailraceError) => void, rules?: ColumnRules) {
    const keyed = rules?.keyed(`${shape.schema}.${shape.name}`, shape) ?? shape
    this.shape = keyed
    this.database = shape.database
    this.schema = shape.schema
    this.name = shape.name
    this.columns = keyed.columns.map((column, index) => ({ name: column.name, typeName: column.type.name, optional: column.optional, key: keyed.key.includes(index) }))
    this.sourceLayout = sourceLayout(shape.database, shape.schema, shape.name)
    this.#parsers = parsers
    this.#rules = rules
    this.#warn = warn
  }

  codec(modes: HandlingModes): RowCodec {
    const known = this.#codecs.get(modes)
    if (known !== undefined) return known
    const codec = createRowCodec(this.shape, modes, this.#warn, this.#changes())
    this.#codecs.set(modes, codec)
    return codec
  }

  toObject(image: RowImage): Record<string, unknown> {
    return this.#decode().toObject(image)
  }

  toKey(image: RowImage): Record<string, unknown> | null {
    return this.#decode().toKey(image)
  }

  toSource(event: ChangeEvent): SourceInfo {
    return sourceInfo(this.database, this.schema, this.name, event)
  }

  toId(event: ChangeEvent): string {
    const lsn = formatLsn((BigInt(event.high) << 32n) | BigInt(event.low))
    return `${event.transaction.identity}:${lsn}:${event.ordinal}${event.part === 0 ? '' : `:${event.part}`}`
  }

  #decode(): RowDecoder {
    return (this.#decoder ??= this.#makeDecoder())
  }

  #makeDecoder(): RowDecoder {
    const decoder = createRowDecoder(this.shape, this.#parsers)
    const changes = this.#changes()
    return changes === undefined ? decoder : changeObjects(decoder, this.shape.columns.map(({ name }) => name), changes)
  }

  #changes(): readonly (ColumnChange | undefined)[] | undefined {
    return this.#rules?.ofAll(this.shape.columns.map((column) => columnFacts(this.shape, column)))
  }
}
