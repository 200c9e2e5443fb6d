import type { TypeSample } from '../integration/mysql-value/type-sample.ts'

/** Numbers below a limit, the same for the same seed (mulberry32). */
export function randomBelow(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** Statements that change tables `t0`, `t1` … (id, v), one for each sample, and how many rows they change. Values that a column does not take are made to fit by the server. */
export function randomChanges(samples: readonly TypeSample[], seed: number, count: number): { readonly tables: readonly string[]; readonly statements: readonly string[]; readonly rows: number } {
  const below = randomBelow(seed)
  const tables = samples.map(({ sql }, index) => `create table t${index} (id int primary key, v ${sql}, n int)`)
  const ids = samples.map((): number[] => [])
  const statements: string[] = []
  let nextId = 0
  const insert = (table: number, value: string): void => {
    ids[table]!.push(++nextId)
    statements.push(`insert ignore into t${table} values (${nextId}, ${value}, ${nextId})`)
  }
  // every value once, whatever chance says
  samples.forEach(({ values }, table) => [...values, 'null'].forEach((value) => insert(table, value)))
  for (let i = 0; i < count; i++) {
    const table = below(samples.length)
    const { values } = samples[table]!
    const value = values[below(values.length)]!
    const known = ids[table]!
    const kind = known.length === 0 ? 0 : below(3)
    if (kind === 0) insert(table, value)
    else {
      const at = below(known.length)
      const id = known[at]!
      // n changes, so that there is a change
      if (kind === 1) statements.push(`update ignore t${table} set v = ${value}, n = n + 1 where id = ${id}`)
      else {
        known.splice(at, 1)
        statements.push(`delete from t${table} where id = ${id}`)
      }
    }
  }
  return { tables, statements, rows: statements.length }
}
