import type { Random } from '../random.ts'
import type { Kind } from './order.ts'
import { ALTERED } from './schema.ts'

/** What one writer does next. */
export interface Transaction {
  readonly statements: readonly string[]
  readonly end: readonly string[]
  readonly restMs: number
  /** It is prepared, and left by its connection. */
  readonly leaves: boolean
}

/** So many keys are remembered. */
const POOL = 400

/** Transactions of one writer, by chance. */
export class Script {
  readonly #kind: Kind
  readonly #random: Random
  readonly #writer: number
  /** Keys that all writers change; some of them are gone. */
  readonly #pool: number[]
  readonly #mine: number[] = []
  #next = 1
  #xa = 0

  constructor(kind: Kind, random: Random, writer: number, pool: number[]) {
    this.#pool = pool
    this.#kind = kind
    this.#random = random
    this.#writer = writer
  }

  /** `calm`: without XA transactions, beside which no snapshot is taken. */
  next(calm: boolean): Transaction {
    const random = this.#random
    const modes = random.chance(0.12) ? this.#modes() : []
    const restMs = random.chance(0.3) ? random.between(2, 30) : 0
    const choice = random.next()
    if (choice < 0.15 && !calm) return { ...this.#xaTransaction(modes), restMs }
    if (choice < 0.3) return { statements: [...modes, this.#statement()], end: [], restMs, leaves: false }
    const body: string[] = []
    for (let left = random.between(1, 4); left > 0; left--) {
      if (random.chance(0.15)) body.push('savepoint s', this.#statement(), 'rollback to savepoint s')
      else if (random.chance(0.1)) body.push('savepoint k', this.#statement())
      else body.push(this.#statement())
    }
    return { statements: [...modes, 'begin', ...body], end: [random.chance(0.15) ? 'rollback' : 'commit'], restMs, leaves: false }
  }

  /** Whether one that somebody has left is ended before the next transaction. */
  endsAnother(): boolean {
    return this.#random.chance(0.04)
  }

  ending(names: readonly string[]): string {
    return `xa ${this.#random.chance(0.6) ? 'commit' : 'rollback'} '${this.#random.pick(names)}'`
  }

  #xaTransaction(modes: readonly string[]): Omit<Transaction, 'restMs'> {
    const random = this.#random
    const name = `'w${this.#writer}n${++this.#xa}r${random.between(1, 1e6)}'`
    const body = Array.from({ length: random.between(1, 3) }, () => this.#xaStatement())
    const statements = [...modes, `xa start ${name}`, ...body, `xa end ${name}`]
    const choice = random.next()
    if (choice < 0.2) return { statements, end: [`xa commit ${name} one phase`], leaves: false }
    if (choice < 0.35) return { statements, end: [`xa prepare ${name}`], leaves: true }
    if (choice < 0.4) return { statements, end: [`xa rollback ${name}`], leaves: false }
    return { statements, end: [`xa prepare ${name}`, `xa ${random.chance(0.6) ? 'commit' : 'rollback'} ${name}`], leaves: false }
  }

  /** Rows of its own: what is prepared keeps its locks. */
  #xaStatement(): string {
    const random = this.#random
    if (this.#mine.length === 0 || random.chance(0.5)) {
      const ids = Array.from({ length: random.between(1, 4) }, () => this.#fresh())
      this.#mine.push(...ids)
      return `insert into x (id, ver, tag, doc) values ${ids.map((id) => `(${id}, 1, '${this.#tag()}', '{"ver": 1}')`).join()}`
    }
    const ids = [this.#mine.splice(random.between(0, this.#mine.length - 1), 1)[0]!]
    if (random.chance(0.3)) return `delete from x where id in (${ids.join()})`
    return `update x set ver = ver + 1, tag = '${this.#tag()}' where id in (${ids.join()})`
  }

  #statement(): string {
    const random = this.#random
    const table = `${random.pick(ALTERED)}${random.chance(0.02) ? '_away' : ''}`
    const choice = random.next()
    if (choice < 0.28) return this.#insert(table)
    const ids = Array.from({ length: random.chance(0.1) ? 40 : random.between(1, 5) }, () => random.pick(this.#pool)).sort((a, b) => a - b)
    const some = `where id in (${ids.join()})`
    if (choice < 0.4) return `update ${table} set ver = ver + 1, doc = json_set(doc, '$.ver', ver, '$.list[${random.between(0, 2)}]', ${random.between(0, 999)}) ${some}`
    if (choice < 0.5) return `update ${table} set ver = ver + 1, doc = ${random.pick(["json_remove(doc, '$.w')", `json_set(doc, '$.w', '${this.#tag()}')`, "json_array_insert(doc, '$.list[0]', 7)", `'{"ver": 2, "list": [4, 5, 6], "pad": "${'p'.repeat(random.between(1, 200))}"}'`])} ${some}`
    if (choice < 0.6) return `update ${table} set ver = ver + 1, body = ${random.chance(0.2) ? 'null' : `'${this.#tag().repeat(random.between(1, 60))}'`} ${some}`
    if (choice < 0.68) return `update ${table} set ver = ver + 1, id = ${this.#remembered()} where id = ${ids[0]}`
    if (choice < 0.82) return `delete from ${table} where id in (${ids.slice(0, 6).join()})`
    return `update ${table} set ver = ver + 1, tag = '${this.#tag()}' ${some}`
  }

  #insert(table: string): string {
    const random = this.#random
    const rows = Array.from({ length: random.chance(0.08) ? random.between(30, 120) : random.between(1, 4) }, () => `(${this.#remembered()}, 1, '${this.#tag()}', ${random.chance(0.4) ? 'null' : `'${this.#tag().repeat(random.between(1, 20))}'`}, '{"ver": 1, "list": [1, 2, 3], "w": "${this.#tag()}"}')`)
    return `insert into ${table} (id, ver, tag, body, doc) values ${rows.join()}`
  }

  #remembered(): number {
    const id = this.#fresh()
    if (this.#pool.length < POOL) this.#pool.push(id)
    else this.#pool[this.#random.between(0, POOL - 1)] = id
    return id
  }

  #fresh(): number {
    return (this.#writer + 1) * 1e7 + this.#next++
  }

  #tag(): string {
    return `w${this.#writer}.${this.#random.between(1, 9999)}`
  }

  /** How this session logs from here on. */
  #modes(): string[] {
    const random = this.#random
    const image = `set session binlog_row_image = ${random.pick(['FULL', 'FULL', 'MINIMAL', 'NOBLOB', ...(this.#kind === 'mariadb' ? ['FULL_NODUP'] : [])])}`
    if (this.#kind === 'mariadb') return [image]
    return [image, `set session binlog_transaction_compression = ${random.pick(['ON', 'OFF'])}`, `set session binlog_row_value_options = '${random.pick(['PARTIAL_JSON', ''])}'`]
  }
}
