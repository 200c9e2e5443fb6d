/*
  Optional field => uint8 kind, packed length, so many bytes:
    1 SIGNEDNESS: a bit for each numeric column, from the highest down: unsigned
    2 DEFAULT_CHARSET: packed collation, then pairs: packed index among character columns (MySQL: VECTOR is one; MariaDB: GEOMETRY and
      compressed ones are), packed collation
    3 COLUMN_CHARSET: packed collation of each character column
    4 COLUMN_NAME: each: packed length, name
    5 SET_STR_VALUE, 6 ENUM_STR_VALUE: for each such column: packed count, labels, each: packed length, bytes
    7 GEOMETRY_TYPE: packed type of each geometry column
    8 SIMPLE_PRIMARY_KEY: packed indexes of columns
    9 PRIMARY_KEY_WITH_PREFIX: pairs: packed index, packed length of the prefix (0: all)
    10, 11: as 2 and 3, of ENUM and SET columns
    12 COLUMN_VISIBILITY: a bit for each column, from the highest down
    13 VECTOR_DIMENSIONALITY: packed dimensions of each vector column
  1 to 3 with binlog_row_metadata=MINIMAL, all with FULL. Of others, the length says where they end.
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html,
  Table_map_log_event::init_metadata_fields (sql/log_event.cc)
*/
import { isCharacter, isNumeric, TYPE, type ColumnType } from './column-type.ts'
import { EventReader } from './event-reader.ts'
import type { LoggedColumn } from './logged-column.ts'
import { malformed } from './malformed.ts'

type Facts = { -readonly [Name in Exclude<keyof LoggedColumn, 'type' | 'meta' | 'nullable'>]: LoggedColumn[Name] }

export interface TableMetadata {
  readonly columns: readonly Facts[]
  readonly primaryKey: readonly number[] | undefined
}

const NAME = 'Table_map'

/** Everything up to the end of the event. */
export function readTableMetadata(bytes: Buffer, reader: EventReader, types: readonly ColumnType[], mariadb: boolean): TableMetadata {
  const into = new Collector(types, mariadb)
  while (reader.left > 0) {
    const kind = reader.uint8()
    const length = reader.packed()
    const from = reader.skip(length)
    into.take(kind, new EventReader(NAME, bytes, from, from + length))
  }
  return into
}

class Collector implements TableMetadata {
  readonly columns: readonly Facts[]
  primaryKey: readonly number[] | undefined
  readonly #types: readonly ColumnType[]
  readonly #isText: (type: number) => boolean

  constructor(types: readonly ColumnType[], mariadb: boolean) {
    this.#types = types
    this.#isText = (type) => isCharacter(type, mariadb)
    this.columns = types.map(() => ({ unsigned: undefined, collation: undefined, name: undefined, labels: undefined, geometryType: undefined, visible: undefined }))
  }

  take(kind: number, field: EventReader): void {
    switch (kind) {
      case 1:
        readBits(field, this.#of(isNumeric), (column, set) => (column.unsigned = set))
        // which is declared without a sign, and logged as unsigned
        for (const column of this.#of((type) => type === TYPE.year)) column.unsigned = undefined
        return
      case 2:
        return readDefaultCollation(field, this.#of(this.#isText))
      case 3:
        return readEach(field, this.#of(this.#isText), (column, collation) => (column.collation = collation))
      case 4:
        return this.#names(field)
      case 5:
        return readLabels(field, this.#of((type) => type === TYPE.set))
      case 6:
        return readLabels(field, this.#of((type) => type === TYPE.enum))
      case 7:
        return readEach(field, this.#of((type) => type === TYPE.geometry), (column, type) => (column.geometryType = type))
      case 8:
      case 9:
        return this.#key(field, kind === 9)
      case 10:
        return readDefaultCollation(field, this.#of(isLabelled))
      case 11:
        return readEach(field, this.#of(isLabelled), (column, collation) => (column.collation = collation))
      case 12:
        return readBits(field, this.columns, (column, set) => (column.visible = set))
    }
  }

  #of(kind: (type: number) => boolean): readonly Facts[] {
    return this.columns.filter((_, index) => kind(this.#types[index]!.type))
  }

  #names(field: EventReader): void {
    for (const column of this.columns) column.name = field.text(field.packed())
    field.expectEnd()
  }

  #key(field: EventReader, withPrefix: boolean): void {
    const key: number[] = []
    while (field.left > 0) {
      const index = field.packed()
      if (index >= this.columns.length) throw malformed(NAME, `its key names column ${index + 1}`)
      key.push(index)
      if (withPrefix) field.packed()
    }
    this.primaryKey = key
  }
}

function isLabelled(type: number): boolean {
  return type === TYPE.enum || type === TYPE.set
}

function readBits(field: EventReader, columns: readonly Facts[], put: (column: Facts, set: boolean) => void): void {
  const bits = field.slice((columns.length + 7) >> 3)
  for (const [index, column] of columns.entries()) put(column, (bits[index >> 3]! & (0x80 >> (index & 7))) !== 0)
  field.expectEnd()
}

function readEach(field: EventReader, columns: readonly Facts[], put: (column: Facts, value: number) => void): void {
  for (const column of columns) put(column, field.packed())
  field.expectEnd()
}

function readDefaultCollation(field: EventReader, columns: readonly Facts[]): void {
  const common = field.packed()
  for (const column of columns) column.collation = common
  while (field.left > 0) {
    const column = columns[field.packed()]
    if (column === undefined) throw malformed(NAME, 'a collation is of no column')
    column.collation = field.packed()
  }
}

function readLabels(field: EventReader, columns: readonly Facts[]): void {
  for (const column of columns) {
    const labels: Buffer[] = []
    for (let count = field.packed(); count > 0; count--) labels.push(field.slice(field.packed()))
    column.labels = labels
  }
  field.expectEnd()
}
