import { cellText, toRow, type Cell, type Row } from '../row.ts'
import type { SchemaNote } from './schema.ts'
import { valueOf, type Step, type TrueGroup } from './truth.ts'

interface Table {
  columns: readonly string[]
  /** Those that are not NULL. */
  readonly defaults: Map<string, string>
  readonly rows: Map<string, Map<string, string | null>>
}

/** The tables as the log makes them. Rows are by their key; a change that does not fit is told. */
export class Tables {
  readonly #tables = new Map<string, Table>()

  /** Returns what is wrong with it. */
  apply({ steps, id }: TrueGroup): string[] {
    return steps.map((step) => (step.kind === 'schema' ? this.#schema(step.note) : this.#row(step))).filter((problem) => problem !== undefined).map((problem) => `${problem} (transaction ${id})`)
  }

  /** Each table's rows as JSON, sorted. */
  contents(): Map<string, string[]> {
    return new Map([...this.#tables].map(([name, { columns, rows }]) => [name, sorted([...rows.values()].map((row) => toRow(columns.map((column): [string, Cell] => [column, cell(row.get(column) ?? null)]))))]))
  }

  #schema({ table, columns, add, drop, rename, modify, moved, truncate }: SchemaNote): undefined {
    const known = this.#tables.get(table) ?? { columns, defaults: new Map<string, string>(), rows: new Map<string, Map<string, string | null>>() }
    known.columns = columns
    if (truncate) known.rows.clear()
    if (add !== undefined) known.defaults.set(...add)
    for (const gone of [drop, modify]) if (gone !== undefined) known.defaults.delete(gone)
    const kept = rename === undefined ? undefined : known.defaults.get(rename[0])
    if (rename !== undefined && kept !== undefined) {
      known.defaults.set(rename[1], kept)
      known.defaults.delete(rename[0])
    }
    for (const row of known.rows.values()) {
      if (add !== undefined) row.set(...add)
      if (drop !== undefined) row.delete(drop)
      if (rename !== undefined) {
        row.set(rename[1], row.get(rename[0]) ?? null)
        row.delete(rename[0])
      }
    }
    if (moved !== undefined) this.#tables.delete(table)
    this.#tables.set(moved ?? table, known)
  }

  #row({ op, table, columns, before, after }: Extract<Step, { kind: 'row' }>): string | undefined {
    const { rows, defaults } = this.#tables.get(table)!
    const given = op === 'INSERT' ? after : before
    const id = (given.get('id') as { value: string }).value
    const old = rows.get(id)
    if (op === 'INSERT') {
      if (old !== undefined) return `${table} has ${id} already`
      rows.set(id, new Map(columns.map((column) => [column, valueOf(column, after, () => defaults.get(column) ?? null)! ])))
      return undefined
    }
    if (old === undefined) return `${table} has no ${id}`
    const other = [...before].find(([column, printed]) => old.get(column) !== (printed as { value: string | null }).value)
    rows.delete(id)
    const problem = other === undefined ? undefined : `${table} ${id} has another ${other[0]}`
    if (op === 'DELETE') return problem
    const row = new Map(columns.map((column) => [column, valueOf(column, after, (name) => old.get(name))! ]))
    rows.set(row.get('id')!, row)
    const step = Number(row.get('ver')) - Number(old.get('ver'))
    return step === 1 ? problem : `${table} ${id} goes ${step} versions on`
  }
}

export function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

function cell(value: string | null): Cell {
  return value === null ? null : cellText(value)
}
