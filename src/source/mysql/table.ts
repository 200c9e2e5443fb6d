import type { ChangeEvent, SourceInfo } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { Column, RowCodec, RowImage, SourceLayout, TableVersion } from '../../event/table.ts'
import type { TailraceError } from '../../error/tailrace-error.ts'
import { changeObjects } from '../column-change.ts'
import type { ColumnChange, ColumnRules } from '../column-rule.ts'
import type { LoggedColumn } from './binlog/logged-column.ts'
import { columnFacts } from './column-facts.ts'
import type { MysqlTableShape } from './column.ts'
import { sourceInfo, sourceLayout, type ConnectorName } from './source-layout.ts'
import type { Convert } from './value/conversion.ts'
import { createRowCodec } from './value/row-codec.ts'
import { createRowDecoder, type Parsers, type RowDecoder } from './value/row-decoder.ts'

/** What all tables of one source have in common. */
export interface TableSurroundings {
  readonly connector: ConnectorName
  readonly parsers: Parsers
  readonly warn: (error: TailraceError) => void
  /** What becomes of the values of some columns; undefined without rules. */
  readonly columnRules?: ColumnRules | undefined
  /** Other forms of some columns in records; undefined without any. */
  readonly convert?: Convert | undefined
}

/** A table at one point of the log: its shape, how its cells lie in the bytes, and the codecs compiled for both. */
export class MysqlTable implements TableVersion {
  readonly shape: MysqlTableShape
  readonly database: string
  /** In MySQL a schema is a database. */
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly sourceLayout: SourceLayout
  readonly #surroundings: TableSurroundings
  readonly #logged: readonly LoggedColumn[] | undefined
  readonly #codecs = new Map<HandlingModes, RowCodec>()
  #decoder: RowDecoder | undefined

  /** `logged`: of the table map; undefined for rows of the text protocol. `told`: `source.table`, where that is not one table's name. */
  constructor(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, surroundings: TableSurroundings, told: string | null = shape.name) {
    const keyed = surroundings.columnRules?.keyed(`${shape.database}.${shape.name}`, shape) ?? shape
    this.shape = keyed
    this.database = shape.database
    this.schema = shape.database
    this.name = shape.name
    this.columns = keyed.columns.map((column, index) => ({ name: column.name, typeName: typeText(column), optional: column.optional, key: keyed.key.includes(index) }))
    this.sourceLayout = sourceLayout(surroundings.connector, shape.database, told)
    this.#surroundings = surroundings
    this.#logged = logged
  }

  codec(modes: HandlingModes): RowCodec {
    const known = this.#codecs.get(modes)
    if (known !== undefined) return known
    const codec = createRowCodec(this.shape, this.#logged, modes, this.#surroundings.warn, { changes: this.#changes(), convert: this.#surroundings.convert })
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
    return sourceInfo(this.#surroundings.connector, this.database, this.name, event)
  }

  /** `mysql:<gtid>:<ordinal>`, without GTIDs `mysql:<server uuid>:<file>:<offset>:<ordinal>`; `:1` behind it for the create of a key update. */
  toId(event: ChangeEvent): string {
    return `${event.transaction.identity}:${event.ordinal}${event.part === 0 ? '' : `:${event.part}`}`
  }

  #decode(): RowDecoder {
    return (this.#decoder ??= this.#makeDecoder())
  }

  #makeDecoder(): RowDecoder {
    const decoder = createRowDecoder(this.shape, this.#logged, this.#surroundings.parsers)
    const changes = this.#changes()
    return changes === undefined ? decoder : changeObjects(decoder, this.shape.columns.map(({ name }) => name), changes)
  }

  #changes(): readonly (ColumnChange | undefined)[] | undefined {
    return this.#surroundings.columnRules?.ofAll(this.shape.columns.map((column) => columnFacts(this.shape, column)))
  }
}

function typeText({ typeName, length, scale }: MysqlTableShape['columns'][number]): string {
  if (length === undefined) return typeName
  return typeName.replace(/^\S+/, `$&(${length}${scale === undefined ? '' : `,${scale}`})`)
}
