import type { Cell, Row } from './row.ts'
import { TABLES, tableNamed, type Table } from './schema.ts'

interface ModelChange {
  readonly table: string
  readonly op: string
  readonly before: Row | null
  readonly after: Row | null
  readonly part: number
}

/**
 * Tables that changes are applied to as strictly as can be: an insert must be new, an update and a delete must find the row
 * they say, and a row's version grows by exactly one with every update.
 */
export class TableModel {
  /** By key; for a table without one, by content and number. */
  readonly #rows = new Map<string, Map<string, Row[]>>(TABLES.map(({ name }) => [name, new Map()]))
  /** The row that the first part of a key update took away. */
  #moving: Row | undefined

  static of(contents: ReadonlyMap<string, readonly Row[]>): TableModel {
    const model = new TableModel()
    for (const [table, rows] of contents) for (const row of rows) model.#put(tableNamed(table)!, row)
    return model
  }

  /** What is wrong with the change; undefined when it fits. */
  apply({ table: name, op, before, after, part }: ModelChange): string | undefined {
    const table = tableNamed(name)
    if (table === undefined) return `a change of ${name}, which is not captured`
    const moving = part === 1 ? this.#moving : undefined
    this.#moving = undefined
    switch (op) {
      case 't':
        this.#rows.get(name)!.clear()
        return undefined
      case 'c':
        return this.#insert(table, after!, moving)
      case 'u':
        return this.#update(table, before, after!)
      case 'd':
        this.#moving = this.#take(table, before!)
        return this.#moving === undefined ? `d of a row that is not there: ${name} ${JSON.stringify(before)}` : differs(before!, this.#moving, name)
      default:
        return `an operation ${op} of ${name}`
    }
  }

  /** Rows of each table in an order of its own. */
  contents(): Map<string, string[]> {
    return new Map([...this.#rows].map(([table, rows]) => [table, [...rows.values()].flat().map((row) => JSON.stringify(row)).sort()]))
  }

  #insert(table: Table, after: Row, moving: Row | undefined): string | undefined {
    const row = moving === undefined ? after : completed(after, moving)
    const present = table.key.length > 0 && this.#rows.get(table.name)!.has(keyOf(table, row))
    this.#put(table, row)
    if (present) return `c of a row that is there: ${table.name} ${keyOf(table, row)}`
    return moving === undefined ? undefined : chained(moving, row, table.name)
  }

  #update(table: Table, before: Row | null, after: Row): string | undefined {
    const old = this.#take(table, before ?? after)
    if (old === undefined) return `u of a row that is not there: ${table.name} ${JSON.stringify(before ?? after)}`
    const row = completed(after, old)
    this.#put(table, row)
    return chained(old, row, table.name) ?? (before === null ? undefined : differs(before, old, table.name))
  }

  #put(table: Table, row: Row): void {
    const rows = this.#rows.get(table.name)!
    const key = keyOf(table, row)
    const same = rows.get(key)
    if (same === undefined || table.key.length > 0) rows.set(key, [row])
    else same.push(row)
  }

  #take(table: Table, row: Row): Row | undefined {
    const rows = this.#rows.get(table.name)!
    const key = keyOf(table, row)
    const same = rows.get(key)
    const taken = same?.pop()
    if (same?.length === 0) rows.delete(key)
    return taken
  }
}

function keyOf(table: Table, row: Row): string {
  return JSON.stringify(table.key.length > 0 ? table.key.map((column) => row[column]) : row)
}

function completed(row: Row, from: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]): [string, Cell] => [column, value === false ? from[column]! : value]))
}

function chained(old: Row, row: Row, table: string): string | undefined {
  return Number(row['ver']) === Number(old['ver']) + 1 ? undefined : `version ${String(old['ver'])} -> ${String(row['ver'])}: ${table} ${JSON.stringify(row)}`
}

function differs(said: Row, row: Row, table: string): string | undefined {
  const column = Object.keys(said).find((name) => said[name] !== false && said[name] !== row[name])
  return column === undefined ? undefined : `before.${column} is ${String(said[column])}, the row had ${String(row[column])}: ${table}`
}
