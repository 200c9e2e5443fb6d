import { setTimeout as delay } from 'node:timers/promises'
import type { MysqlServer } from '../server/mysql-server.ts'

/** A change as zongji tells it. */
export interface ZongjiChange {
  readonly op: 'c' | 'u' | 'd'
  readonly table: string
  readonly before: Record<string, unknown> | null
  readonly after: Record<string, unknown> | null
}

/** What it told until it was stopped. */
export interface ZongjiReading {
  readonly changes: readonly ZongjiChange[]
  /** Its errors, and how many transactions had ended by then. */
  readonly errors: readonly { readonly message: string; readonly transactions: number }[]
  readonly transactions: number
}

/** What both of them have. */
interface Reader {
  on(name: string, listener: (value: never) => void): void
  start(options: object): void
  stop(): void
}

interface ReaderEvent {
  readonly rows?: readonly (Record<string, unknown> & { readonly before?: Record<string, unknown>; readonly after?: Record<string, unknown> })[]
  readonly tableId: number
  readonly tableMap: Readonly<Record<number, { readonly parentSchema: string; readonly tableName: string }>>
  getEventName(): string
}

const OPERATION: Readonly<Record<string, ZongjiChange['op']>> = { writerows: 'c', updaterows: 'u', deleterows: 'd' }
const DEAD_MS = 20_000

/** Reads a whole file of the binary log, which must be ended, with zongji or its fork; or until it says nothing more. */
export async function readWithZongji(library: 'zongji' | '@vlasky/zongji', server: MysqlServer, database: string, file: string, { settleMs = 500 } = {}): Promise<ZongjiReading> {
  const { default: ZongJi } = (await import(library)) as { default: new (dsn: object) => Reader }
  const reader = new ZongJi({ host: server.host, port: server.port, user: 'root', password: '', dateStrings: true, timezone: 'Z' })
  const changes: ZongjiChange[] = []
  const errors: { message: string; transactions: number }[] = []
  let transactions = 0
  const next = nextFile(file)
  let heard = performance.now()
  let ended = false
  reader.on('error', (error: Error) => {
    heard = performance.now()
    errors.push({ message: error.message, transactions })
  })
  reader.on('binlog', (event: ReaderEvent & { readonly binlogName?: string }) => {
    heard = performance.now()
    const name = event.getEventName()
    if (name === 'xid') transactions++
    if (name === 'rotate' && event.binlogName === next) ended = true
    const op = OPERATION[name]
    if (op === undefined) return
    const { parentSchema, tableName } = event.tableMap[event.tableId]!
    for (const row of event.rows ?? []) {
      const [before, after] = op === 'u' ? [row.before ?? null, row.after ?? null] : op === 'c' ? [null, row] : [row, null]
      changes.push({ op, table: `${parentSchema}.${tableName}`, before, after })
    }
  })
  reader.start({ serverId: 90_000 + Math.floor(Math.random() * 9000), filename: file, position: 4, includeSchema: { [database]: true } })
  const end = performance.now() + DEAD_MS
  // after an error it may go on, or be dead without a word
  while (!ended && performance.now() < end && !(errors.length > 0 && performance.now() - heard > settleMs)) await delay(10)
  reader.stop()
  if (!ended && errors.length === 0) throw new Error(`${library} said nothing for ${DEAD_MS} ms`)
  return { changes, errors, transactions }
}

function nextFile(file: string): string {
  const dot = file.lastIndexOf('.') + 1
  return file.slice(0, dot) + String(Number(file.slice(dot)) + 1).padStart(file.length - dot, '0')
}
