import type { DataType } from './data-type.ts'

/** A default as it stands in the statement. */
export type ColumnDefault =
  | { readonly kind: 'none' | 'null' }
  | { readonly kind: 'literal'; readonly text: string }
  /** Worked out by the server. */
  | { readonly kind: 'expression' }

/** A column as a statement declares it, before its table says what it does not. */
export interface ColumnDraft {
  readonly name: string
  type: DataType
  length: number | undefined
  scale: number | undefined
  unsigned: boolean
  zerofill: boolean
  /** Undefined: the table's. */
  charset: string | undefined
  labels: readonly string[]
  /** Undefined: not said. */
  nullable: boolean | undefined
  autoIncrement: boolean
  /** ON UPDATE CURRENT_TIMESTAMP, where Debezium takes notice of it. */
  onUpdate: boolean
  default: ColumnDefault
  comment: string | undefined
  unique: boolean
  primary: boolean
  /** MariaDB: GENERATED ALWAYS AS ROW START or END. */
  rowTime: boolean
  /** MariaDB: WITH SYSTEM VERSIONING at a column makes a versioned table. */
  versioned: boolean
}
