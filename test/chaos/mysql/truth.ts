import { readdirSync } from 'node:fs'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { cellText, toRow, type Cell, type Row } from '../row.ts'
import { applyFunctions, canonical } from './document.ts'
import type { SchemaNote } from './schema.ts'

/** A row as the server's own reader of its log prints it: cells that were logged, by column. */
type Cells = ReadonlyMap<string, Printed>
/** A value; or what has become of a document, of which only the difference was logged. */
type Printed = { readonly value: string | null } | { readonly change: string }

export type Step =
  | { readonly kind: 'row'; readonly op: 'INSERT' | 'UPDATE' | 'DELETE'; readonly table: string; readonly columns: readonly string[]; readonly before: Cells; readonly after: Cells }
  | { readonly kind: 'schema'; readonly note: SchemaNote }

/** What an engine must deliver for one change, or for one of the two parts of a key update. */
export interface TrueEvent {
  readonly table: string
  readonly op: 'c' | 'u' | 'd' | 't'
  readonly before: Row | null
  readonly after: Row | null
  /** 0-based number of the change in its transaction. */
  readonly ordinal: number
  readonly part: 0 | 1
}

/** A transaction, or a statement that changes the schema, in the order of the log. */
export interface TrueGroup {
  /** Its GTID, or the place where it begins. */
  readonly id: string
  readonly file: string
  readonly end: number
  readonly steps: readonly Step[]
  readonly events: readonly TrueEvent[]
}

/** The server's log as `mysqlbinlog` reads it. Each file is read once, when another has been begun. */
export class Truth {
  readonly #server: MysqlServer
  readonly #columns = new Map<string, readonly string[]>()
  /** Prepared XA transactions, over files. */
  readonly #prepared = new Map<string, Step[]>()
  readonly #done = new Set<string>()

  constructor(server: MysqlServer) {
    this.#server = server
  }

  /** What was logged until now is of no interest. */
  async skip(): Promise<void> {
    for (const file of await this.#files()) this.#done.add(file)
  }

  /** What was logged since the last call. */
  async read(): Promise<TrueGroup[]> {
    const groups: TrueGroup[] = []
    for (const file of (await this.#files()).filter((name) => !this.#done.has(name))) {
      this.#done.add(file)
      const text = await this.#server.mysqlbinlog('-vv', '--base64-output=decode-rows', file)
      new LogText(file, this.#columns, this.#prepared, groups).read(text)
    }
    return groups
  }

  /** All but the one that is begun now. */
  async #files(): Promise<string[]> {
    await this.#server.query('flush binary logs')
    return readdirSync(this.#server.dataDir).filter((name) => /^binlog\.\d+$/.test(name)).sort().slice(0, -1)
  }
}

class LogText {
  readonly #file: string
  readonly #columns: Map<string, readonly string[]>
  readonly #prepared: Map<string, Step[]>
  readonly #groups: TrueGroup[]
  #pos = 0
  #end = 0
  #gtid: string | undefined
  /** Offset of what follows the GTID event; undefined: not seen yet. */
  #begin: number | undefined
  #steps: Step[] = []
  #row: { op: 'INSERT' | 'UPDATE' | 'DELETE'; table: string; columns: readonly string[]; before: Map<string, Printed>; after: Map<string, Printed> } | undefined
  #cells: Map<string, Printed> | undefined
  #cell: { column: string; text: string } | undefined

  constructor(file: string, columns: Map<string, readonly string[]>, prepared: Map<string, Step[]>, groups: TrueGroup[]) {
    this.#file = file
    this.#columns = columns
    this.#prepared = prepared
    this.#groups = groups
  }

  read(text: string): void {
    for (const line of text.split('\n')) {
      if (line.startsWith('###')) this.#rowLine(line.slice(3))
      else {
        this.#closeRow()
        this.#line(line)
      }
    }
  }

  #line(line: string): void {
    const at = /^# at (\d+)$/.exec(line)
    if (at !== null) {
      this.#pos = Number(at[1])
      if (this.#begin === -1) this.#begin = this.#pos
      return
    }
    const header = /^#\d{6} .* end_log_pos (\d+)/.exec(line)
    if (header !== null) {
      if (header[1] !== '0') this.#end = Number(header[1])
      const gtid = /\t(?:Anonymous_)?GTID(?:\t| (\d+-\d+-\d+) )/.exec(line)
      if (gtid !== null) {
        this.#steps = []
        this.#gtid = gtid[1]
        this.#begin = -1
      }
      return
    }
    const next = /^SET @@SESSION.GTID_NEXT= '([^']+)'\/\*!\*\/;$/.exec(line)
    if (next !== null) this.#gtid = next[1] === 'ANONYMOUS' ? undefined : next[1]
    const note = /\/\*chaos (\{.*\})\*\/$/.exec(line)
    if (note !== null) this.#schema(JSON.parse(note[1]!) as SchemaNote)
    else if (line === 'COMMIT/*!*/;') this.#group(this.#steps)
    else this.#xa(line)
  }

  #xa(line: string): void {
    const xa = /^XA (PREPARE|COMMIT|ROLLBACK) (X'[^ ]*?)( ONE PHASE)?(?:\/\*!\*\/;)?$/.exec(line)
    if (xa === null) return
    const [, verb, xid, onePhase] = xa
    if (verb === 'PREPARE') {
      this.#prepared.set(xid!, this.#steps)
      this.#group([])
    } else if (onePhase !== undefined) this.#group(this.#steps)
    else {
      this.#group(verb === 'COMMIT' ? (this.#prepared.get(xid!) ?? []) : [])
      this.#prepared.delete(xid!)
    }
  }

  #schema(note: SchemaNote): void {
    const { table, columns, moved } = note
    if (moved !== undefined) this.#columns.delete(table)
    this.#columns.set(moved ?? table, columns)
    this.#group([{ kind: 'schema', note }])
  }

  #group(steps: readonly Step[]): void {
    this.#groups.push({ id: this.#gtid ?? `file=${this.#file},pos=${this.#begin}`, file: this.#file, end: this.#end, steps, events: steps.flatMap(toEvents) })
    this.#steps = []
  }

  #rowLine(line: string): void {
    const begin = /^ (INSERT|UPDATE|DELETE) (?:INTO |FROM )?`\w+`\.`(\w+)`$/.exec(line)
    const cell = /^ {3}@(\d+)=(.*)$/.exec(line)
    if (begin !== null) {
      this.#closeRow()
      const [, op, table] = begin
      const columns = this.#columns.get(table!)
      if (columns === undefined) throw new Error(`${this.#file}:${this.#pos}: ${table} is not known`)
      this.#row = { op: op as 'INSERT', table: table!, columns, before: new Map(), after: new Map() }
    } else if (cell !== null) {
      this.#closeCell()
      const column = this.#row!.columns[Number(cell[1]) - 1]
      if (column === undefined) throw new Error(`${this.#file}:${this.#pos}: ${this.#row!.table} has no column ${cell[1]}`)
      this.#cell = { column, text: cell[2]! }
    } else if (line === ' WHERE' || line === ' SET') {
      this.#closeCell()
      this.#cells = line === ' WHERE' ? this.#row!.before : this.#row!.after
    } else if (this.#cell !== undefined) this.#cell.text += line
  }

  #closeCell(): void {
    const cell = this.#cell
    this.#cell = undefined
    if (cell === undefined) return
    const text = cell.text.replace(/ \/\* \S+ meta=.*\*\/$/, '')
    this.#cells!.set(cell.column, /^(@\d+$|JSON_)/.test(text) ? { change: text } : { value: literal(text, cell.column) })
  }

  #closeRow(): void {
    this.#closeCell()
    if (this.#row !== undefined) this.#steps.push({ kind: 'row', ...this.#row })
    this.#row = undefined
  }
}

function literal(text: string, column: string): string | null {
  if (text === 'NULL') return null
  const value = text.startsWith("'") ? text.slice(1, -1) : text
  if (value.includes('\\')) throw new Error(`an escape in ${text}`)
  return column === 'doc' ? canonical(JSON.parse(value)) : value
}

/** The value behind a change: logged, unchanged, or a document's difference from the one before. Undefined: the log does not tell. */
export function valueOf(column: string, after: Cells, before: (column: string) => string | null | undefined): string | null | undefined {
  const printed = after.get(column)
  if (printed === undefined) return before(column)
  if ('value' in printed) return printed.value
  const old = before(column)
  return typeof old === 'string' ? applyFunctions(printed.change, old) : old
}

function toEvents(step: Step, ordinal: number): TrueEvent[] {
  if (step.kind === 'schema') return step.note.truncate ? [{ table: step.note.table, op: 't', before: null, after: null, ordinal: 0, part: 0 }] : []
  const { op, table, columns, before, after } = step
  const old = (column: string): string | null | undefined => (before.get(column) as { value: string | null } | undefined)?.value
  const image = (value: (column: string) => string | null | undefined): Row => toRow(columns.map((column): [string, Cell] => [column, toCell(value(column))]))
  const was = (): Row => image(old)
  const is = (): Row => image((column) => valueOf(column, after, old))
  if (op === 'INSERT') return [{ table, op: 'c', before: null, after: is(), ordinal, part: 0 }]
  if (op === 'DELETE') return [{ table, op: 'd', before: was(), after: null, ordinal, part: 0 }]
  if (valueOf('id', after, old) === old('id')) return [{ table, op: 'u', before: was(), after: is(), ordinal, part: 0 }]
  return [{ table, op: 'd', before: was(), after: null, ordinal, part: 0 }, { table, op: 'c', before: null, after: is(), ordinal, part: 1 }]
}

function toCell(value: string | null | undefined): Cell {
  return value === undefined ? false : value === null ? null : cellText(value)
}
