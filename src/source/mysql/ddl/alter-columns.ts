import type { ColumnDefinition } from '../../../schema-history/table-definition.ts'
import { sameName, type Place, type PlacedColumn, type TableDraft } from './table-draft.ts'

/** What the clauses of one ALTER TABLE say about columns. They name the columns as they were before it, places as they are behind it. */
export class ColumnChanges {
  readonly #draft: TableDraft
  readonly #dropped = new Set<ColumnDefinition>()
  readonly #changed = new Map<ColumnDefinition, PlacedColumn>()
  /** New columns, and old ones that are put elsewhere, in the order of the statement. */
  readonly #placed: { readonly old: ColumnDefinition | undefined; readonly placed: PlacedColumn }[] = []

  constructor(draft: TableDraft) {
    this.#draft = draft
  }

  find(name: string): ColumnDefinition | undefined {
    return this.#draft.find(name)
  }

  /** True where it was there already. */
  add(column: ColumnDefinition, place: Place | undefined, unlessThere: boolean): boolean {
    const there = unlessThere && (this.find(column.name) !== undefined || this.#placed.some(({ placed }) => sameName(placed.column.name, column.name)))
    if (!there) this.#placed.push({ old: undefined, placed: { column, place } })
    return there
  }

  drop(name: string): void {
    const column = this.find(name)
    if (column !== undefined) this.#dropped.add(column)
  }

  /** Several clauses may change one column, such as its name and its default. */
  change(old: ColumnDefinition, change: (column: ColumnDefinition) => ColumnDefinition, place: Place | undefined): void {
    const before = this.#changed.get(old)
    const placed = { column: change(before?.column ?? old), place: place ?? before?.place }
    this.#changed.set(old, placed)
    if (place !== undefined) this.#placed.push({ old, placed })
  }

  /** As the server does it (mysql_prepare_alter_table in sql/sql_table.cc): what stays in its place first, then the rest in the statement's order. */
  apply(): void {
    const draft = this.#draft
    const keyed = draft.key.map((name) => draft.find(name))
    const before = draft.columns
    draft.columns = []
    for (const old of before) {
      const changed = this.#changed.get(old)
      if (!this.#dropped.has(old) && changed?.place === undefined) draft.columns.push(changed?.column ?? old)
    }
    for (const { old, placed } of this.#placed) {
      const now = old === undefined ? placed : this.#changed.get(old)!
      if (old === undefined || !this.#dropped.has(old)) draft.insert(now)
    }
    draft.key = keyed.filter((old) => old !== undefined && !this.#dropped.has(old)).map((old) => (this.#changed.get(old!)?.column ?? old!).name)
  }
}
