import type { Random } from '../random.ts'
import type { Kind } from './order.ts'
import { noted } from './schema.ts'

/** A column as information_schema has it, in the order of the table. */
export interface Existing {
  readonly name: string
  readonly col: string
  readonly type: string
}

const TYPES = ['int', 'bigint', 'varchar(40)', 'varchar(90)'] as const
/** What may become what without a row that does not fit. */
const WIDER: Readonly<Record<string, string>> = { int: 'bigint', 'int(11)': 'bigint', 'varchar(40)': 'varchar(90)', 'varchar(90)': 'varchar(300)', 'bigint': 'varchar(60)', 'bigint(20)': 'varchar(60)' }

/** The next change of the schema, by what there is. Columns that are added begin with `n`. */
export function alteration(kind: Kind, existing: readonly Existing[], random: Random, moves: boolean): string[] {
  if (random.chance(0.15)) {
    const id = random.between(1, 1e9) * 1000
    return [`insert into emptied (id, ver, tag) values (${id}, 1, 'a'), (${id + 1}, 1, 'b')`, noted(random.pick(['truncate table emptied', 'truncate emptied']), { table: 'emptied', columns: columnsOf(existing, 'emptied'), truncate: true })]
  }
  const altered = [...new Set(existing.map(({ name }) => name))].filter((name) => /^t\d/.test(name))
  const table = random.pick(altered)
  const columns = columnsOf(existing, table)
  if (moves && table.endsWith('_away')) return [moved(table, table.slice(0, -5), columns)]
  if (moves && random.chance(0.12)) return [moved(table, `${table}_away`, columns)]
  const added = existing.filter(({ name, col }) => name === table && col.startsWith('n'))
  if (added.length === 0 || (added.length < 4 && random.chance(0.45))) return [addition(kind, table, columns, random)]
  const { col, type } = random.pick(added)
  const choice = random.next()
  if (choice < 0.4) return [noted(`alter table ${table} drop column ${col}`, { table, columns: columns.filter((name) => name !== col), drop: col })]
  if (choice < 0.7) {
    const name = fresh(random)
    return [noted(`alter table ${table} rename column ${col} to ${name}`, { table, columns: columns.map((column) => (column === col ? name : column)), rename: [col, name] })]
  }
  const others = columns.filter((name) => name !== col)
  const at = random.between(0, others.length)
  return [noted(`alter table ${table} modify column ${col} ${WIDER[type] ?? type} ${place(others, at)}`, { table, columns: [...others.slice(0, at), col, ...others.slice(at)], modify: col })]
}

function addition(kind: Kind, table: string, columns: readonly string[], random: Random): string {
  const name = fresh(random)
  const type = random.pick(TYPES)
  const value = String(random.between(1, 1000))
  const at = random.between(0, columns.length)
  // MariaDB's online copy (11.2 on) cannot replay a change whose row image is MINIMAL: ER_KEY_NOT_FOUND
  const algorithm = random.chance(0.3) ? `, ${kind === 'mysql' ? 'algorithm=inplace' : 'algorithm=copy, lock=shared'}` : ''
  return noted(`alter table ${table} add column ${name} ${type} default ${type.startsWith('v') ? `'${value}'` : value} ${place(columns, at)}${algorithm}`, { table, columns: [...columns.slice(0, at), name, ...columns.slice(at)], add: [name, value] })
}

function moved(table: string, to: string, columns: readonly string[]): string {
  return noted(`rename table ${table} to ${to}`, { table, columns, moved: to })
}

function fresh(random: Random): string {
  return `n${random.between(1, 1e6)}`
}

function place(columns: readonly string[], at: number): string {
  return at === 0 ? 'first' : `after ${columns[at - 1]}`
}

function columnsOf(existing: readonly Existing[], table: string): string[] {
  return existing.filter(({ name }) => name === table).map(({ col }) => col)
}
