import type { ColumnSet } from './logged-column.ts'

/** All of a table's columns. */
class AllColumns implements ColumnSet {
  readonly count: number
  readonly all = true

  constructor(count: number) {
    this.count = count
  }

  has(column: number): boolean {
    return column < this.count
  }
}

/** Those whose bit is set, the first column's is the lowest of the first byte. */
class SomeColumns implements ColumnSet {
  readonly count: number
  readonly all = false
  readonly #bits: Uint8Array

  constructor(bits: Uint8Array, count: number) {
    this.#bits = bits
    this.count = count
  }

  has(column: number): boolean {
    const byte = this.#bits[column >> 3]
    return byte !== undefined && (byte & (1 << (column & 7))) !== 0
  }
}

/** Tables have at most 4096 columns (MAX_FIELDS); sets of all are made once for each width. */
const made: (ColumnSet | undefined)[] = []

export function allColumns(count: number): ColumnSet {
  return (made[count] ??= new AllColumns(count))
}

/** The columns whose bits are set at `start`, of so many. The bytes are kept, not copied. */
export function readColumnSet(bytes: Buffer, start: number, columns: number): ColumnSet {
  let count = 0
  for (let column = 0; column < columns; column++) if ((bytes[start + (column >> 3)]! & (1 << (column & 7))) !== 0) count++
  return count === columns ? allColumns(columns) : new SomeColumns(bytes.subarray(start, start + ((columns + 7) >> 3)), count)
}

/** `set` without some of its columns, of so many that the table has. */
export function withoutColumns(set: ColumnSet, missing: readonly number[], columns: number): ColumnSet {
  return columnsWhere(columns, (column) => set.has(column) && !missing.includes(column))
}

/** What is in either of them. */
export function unionOf(one: ColumnSet, other: ColumnSet, columns: number): ColumnSet {
  return one.all ? one : columnsWhere(columns, (column) => one.has(column) || other.has(column))
}

function columnsWhere(columns: number, has: (column: number) => boolean): ColumnSet {
  const bits = Buffer.alloc((columns + 7) >> 3)
  for (let column = 0; column < columns; column++) if (has(column)) bits[column >> 3]! |= 1 << (column & 7)
  return readColumnSet(bits, 0, columns)
}
