import pg from 'pg'
import { toRow, type Cell, type Row } from './row.ts'
import { tableNamed, type Table } from './schema.ts'
import { readLine, type PrintedLine, type PrintedTuple } from './test-decoding.ts'

/** What an engine must deliver for one change, or for one of the two parts of a key update. */
export interface TrueEvent {
  readonly table: string
  readonly op: 'c' | 'u' | 'd' | 't'
  readonly before: Row | null
  readonly after: Row | null
  readonly lsn: string
  /** 0-based number of the change in its transaction. */
  readonly ordinal: number
  readonly part: 0 | 1
}

export interface TrueTransaction {
  readonly xid: string
  readonly endLsn: bigint
  readonly events: readonly TrueEvent[]
}

const AT_ONCE = 20_000

/** The transactions in commit order, from a slot with another plugin and another way of reading than the engine's. */
export class Truth implements AsyncDisposable {
  readonly #client: pg.Client
  readonly #slot: string
  #open: { xid: string; events: TrueEvent[]; changes: number } | undefined

  private constructor(client: pg.Client, slot: string) {
    this.#client = client
    this.#slot = slot
  }

  /** Before the first commit that counts. `slot`: another one where there are several on a server. */
  static async start(url: string, slot = 'truth'): Promise<Truth> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query("select pg_create_logical_replication_slot($1, 'test_decoding')", [slot])
    return new Truth(client, slot)
  }

  /** What has committed since the last call. */
  async read(): Promise<TrueTransaction[]> {
    const transactions: TrueTransaction[] = []
    for (;;) {
      const { rows } = await this.#client.query<[string, string]>({
        text: "select lsn::text, data from pg_logical_slot_get_changes($1, null, $2, 'include-xids', '1')", values: [this.#slot, AT_ONCE], rowMode: 'array',
      })
      if (rows.length === 0) return transactions
      for (const [lsn, data] of rows) this.#take(lsn, readLine(data), transactions)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.query('select pg_drop_replication_slot($1)', [this.#slot]).catch(() => {})
    await this.#client.end()
  }

  #take(lsn: string, line: PrintedLine, transactions: TrueTransaction[]): void {
    if (line.kind === 'begin') {
      this.#open = { xid: line.xid, events: [], changes: 0 }
      return
    }
    const open = this.#open
    if (line.kind === 'message') {
      // pgoutput sends it too, and it has a number of its own
      if (line.transactional) open!.changes++
      return
    }
    if (open === undefined) throw new Error(`test_decoding: ${line.kind} outside a transaction`)
    if (line.kind === 'commit') {
      this.#open = undefined
      // the position of COMMIT is the end of the commit record (commit_cb_wrapper, src/backend/replication/logical/logical.c)
      if (open.events.length > 0) transactions.push({ xid: open.xid, endLsn: lsnOf(lsn), events: open.events })
    } else this.#change(open, lsn, line)
  }

  #change(open: { events: TrueEvent[]; changes: number }, lsn: string, line: ChangeLine): void {
    const tables = line.kind === 'truncate' ? line.tables : [line.table]
    for (const name of tables) {
      const table = tableNamed(name)
      if (table === undefined) continue
      open.events.push(...expected(line, table).map((change, part) => ({ ...change, table: name, lsn, ordinal: open.changes, part: part as 0 | 1 })))
      open.changes++
    }
  }
}

type ChangeLine = Extract<PrintedLine, { kind: 'insert' | 'update' | 'delete' | 'truncate' }>

type Change = Pick<TrueEvent, 'op' | 'before' | 'after'>

function expected(line: ChangeLine, table: Table): Change[] {
  switch (line.kind) {
    case 'truncate':
      return [{ op: 't', before: null, after: null }]
    case 'insert':
      return [{ op: 'c', before: null, after: newRow(line.tuple, undefined, table) }]
    case 'delete':
      return [{ op: 'd', before: oldRow(line.tuple, table), after: null }]
    case 'update': {
      const before = line.old === undefined ? null : oldRow(line.old, table)
      const after = newRow(line.tuple, before ?? undefined, table)
      const moved = before !== null && table.key.some((column) => after[column] !== false && after[column] !== before[column])
      return moved ? [{ op: 'd', before, after: null }, { op: 'c', before: null, after }] : [{ op: 'u', before, after }]
    }
  }
}

/** With REPLICA IDENTITY FULL all columns, of which NULLs are not printed; otherwise the key's, and the others were not logged. */
function oldRow(tuple: PrintedTuple, table: Table): Row {
  return toRow(table.columns.map((column): [string, Cell] => [column, tuple.get(column) ?? (table.identity === 'full' ? null : false)]))
}

/** An unchanged out-of-line value is in the old row or nowhere. */
function newRow(tuple: PrintedTuple, before: Row | undefined, table: Table): Row {
  if (tuple.size !== table.columns.length) throw new Error(`test_decoding printed ${tuple.size} columns of ${table.name}`)
  return toRow([...tuple].map(([column, value]): [string, Cell] => [column, value === undefined ? (before?.[column] ?? false) : value]))
}

export function lsnOf(text: string): bigint {
  const [high, low] = text.split('/')
  return (BigInt(`0x${high!}`) << 32n) | BigInt(`0x${low!}`)
}
