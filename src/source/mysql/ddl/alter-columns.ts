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

  /**
   * As the server does it (mysql_prepare_alter_table in sql/sql_table.cc): what is new, or is put elsewhere, in the statement's order. Until its turn comes, a column
   * is where it was, and others may be put behind it.
   */
  apply(): void {
    const draft = this.#draft
    const keyed = draft.key.map((name) => draft.find(name))
    const before = draft.columns
    draft.columns = []
    for (const old of before) {
      const changed = this.#changed.get(old)
      if (!this.#dropped.has(old)) draft.columns.push(changed?.column ?? old)
    }
    for (const { old, placed } of this.#placed) {
      if (old === undefined) draft.insert(placed)
      else if (!this.#dropped.has(old)) {
        const now = this.#changed.get(old)!
        draft.columns = draft.columns.filter((column) => column !== now.column)
        draft.insert(now)
      }
    }
    draft.key = keyed.filter((old) => old !== undefined && !this.#dropped.has(old)).map((old) => (this.#changed.get(old!)?.column ?? old!).name)
  }
}
