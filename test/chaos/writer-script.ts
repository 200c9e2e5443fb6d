import { Random } from './random.ts'

/** One step of a transaction. */
export interface Step {
  readonly sql: string
  /** Rows for COPY … FROM STDIN. */
  readonly copy?: string
  /** Milliseconds to wait after it. */
  readonly waitMs?: number
}

export interface Script {
  readonly steps: readonly Step[]
  readonly end: 'commit' | 'rollback'
  /** Milliseconds before the next one. */
  readonly restMs: number
}

/** What one writer does, decided by its seed alone and never by what the server answers. */
export function* scripts(seed: number, writer: number): Generator<Script, never, undefined> {
  const random = new Random(seed * 1000 + writer)
  for (let number = 1; ; number++) yield new ScriptBuilder(random, `w${writer}.${number}`, writer).script()
}

const VERSIONED = ['account', 'account_full'] as const
const DOCUMENTS = ['document', 'document_full'] as const

class ScriptBuilder {
  readonly #random: Random
  readonly #tag: string
  readonly #writer: number

  constructor(random: Random, tag: string, writer: number) {
    this.#random = random
    this.#tag = tag
    this.#writer = writer
  }

  script(): Script {
    const random = this.#random
    const restMs = random.between(0, 40)
    const end = random.chance(0.1) ? 'rollback' : 'commit'
    // a long transaction keeps to rows of its own, so that it holds nobody up but a slot that is being made
    if (this.#writer === 0 && random.chance(0.08)) return { steps: this.#long(), end, restMs }
    if (random.chance(0.02)) return { steps: [this.#big()], end, restMs }
    const steps: Step[] = []
    for (let count = random.between(1, 6); count > 0; count--) {
      if (random.chance(0.12)) steps.push(...this.#savepoint())
      else steps.push(this.#change())
    }
    return { steps, end, restMs }
  }

  #savepoint(): Step[] {
    const inner = Array.from({ length: this.#random.between(1, 4) }, () => this.#change())
    return [{ sql: 'savepoint s' }, ...inner, { sql: this.#random.chance(0.5) ? 'rollback to savepoint s' : 'release savepoint s' }]
  }

  #change(): Step {
    const random = this.#random
    const roll = random.next()
    if (roll < 0.34) return { sql: this.#update(random.pick(VERSIONED)) }
    if (roll < 0.46) return { sql: this.#upsert(random.pick(VERSIONED)) }
    if (roll < 0.54) return { sql: `delete from ${random.pick(VERSIONED)} where id = ${this.#id()}` }
    if (roll < 0.58) return { sql: this.#reinsert(random.pick(VERSIONED)) }
    if (roll < 0.64) return { sql: this.#moveKey(random.pick(VERSIONED)) }
    if (roll < 0.74) return { sql: this.#document(random.pick(DOCUMENTS)) }
    if (roll < 0.79) return { sql: this.#pair() }
    if (roll < 0.89) return this.#entries()
    if (roll < 0.94) return { sql: this.#scratch() }
    if (roll < 0.97) return { sql: `insert into unrelated (filler) select repeat('u', 500) from generate_series(1, ${random.between(1, 100)})` }
    return { sql: `select pg_logical_emit_message(${random.chance(0.5)}, 'chaos', '${this.#tag}')` }
  }

  #id(): number {
    return this.#random.between(1, 350)
  }

  #update(table: string): string {
    const random = this.#random
    if (random.chance(0.1)) return `update ${table} set ver = ver + 1, tag = '${this.#tag}' where id % ${random.between(11, 40)} = ${random.between(0, 10)} and id <= 350`
    const note = random.pick(['', `, note = '${this.#tag} it''s \\ "x"'`, ', note = null', ', open = not coalesce(open, false)'])
    return `update ${table} set ver = ver + 1, tag = '${this.#tag}'${note} where id = ${this.#id()}`
  }

  #upsert(table: string): string {
    return `insert into ${table} values (${this.#id()}, nextval('epoch') * 1000000, '${this.#tag}', null, true) on conflict (id) do update set ver = ${table}.ver + 1, tag = excluded.tag`
  }

  #reinsert(table: string): string {
    return `with gone as (delete from ${table} where id = ${this.#id()} returning *) insert into ${table} select id, ver + 1, '${this.#tag}', note, open from gone`
  }

  #moveKey(table: string): string {
    const to = this.#id()
    return `update ${table} set id = ${to}, ver = ver + 1, tag = '${this.#tag}' where id = ${this.#id()} and not exists (select from ${table} where id = ${to})`
  }

  #document(table: string): string {
    const random = this.#random
    const id = random.between(1, 60)
    const roll = random.next()
    if (roll < 0.45) return `update ${table} set ver = ver + 1, tag = '${this.#tag}' where id = ${id}`
    if (roll < 0.65) return `update ${table} set ver = ver + 1, tag = '${this.#tag}', body = repeat(md5('${this.#tag}'), ${random.between(70, 200)}) where id = ${id}`
    const to = random.between(1, 60)
    // a key update whose body stays out of line
    if (roll < 0.75) return `update ${table} set id = ${to}, ver = ver + 1, tag = '${this.#tag}' where id = ${id} and not exists (select from ${table} where id = ${to})`
    if (roll < 0.85) return `delete from ${table} where id = ${id}`
    return `insert into ${table} values (${id}, nextval('epoch') * 1000000, '${this.#tag}', repeat(md5('${this.#tag}'), 80)) on conflict (id) do nothing`
  }

  #pair(): string {
    const random = this.#random
    const [a, b] = [random.between(1, 60), random.between(1, 60)]
    const roll = random.next()
    if (roll < 0.3) return `insert into pair values (${a}, nextval('epoch') * 1000000, '${this.#tag}', 'b${b}') on conflict (b, a) do update set ver = pair.ver + 1, tag = excluded.tag`
    if (roll < 0.6) return `update pair set ver = ver + 1, tag = '${this.#tag}' where a = ${a}`
    if (roll < 0.8) return `update pair set b = 'c' || ver, ver = ver + 1, tag = '${this.#tag}' where a = ${a} and b = 'b${b}'`
    return `delete from pair where a = ${a}`
  }

  #entries(): Step {
    const random = this.#random
    const roll = random.next()
    if (roll < 0.4) return { sql: `insert into entry select i, 1, '${this.#tag}', repeat('e', i % 30) from generate_series(1, ${random.between(1, 60)}) i` }
    if (roll < 0.6) return { sql: 'copy entry from stdin', copy: Array.from({ length: random.between(2, 40) }, (_, index) => `${index}\t1\t${this.#tag}\t\\N\n`).join('') }
    if (roll < 0.75) return { sql: `update entry set ver = ver + 1, tag = '${this.#tag}' where ctid = any (array(select ctid from entry limit ${random.between(1, 40)} for update skip locked))` }
    return { sql: `delete from entry where ctid = any (array(select ctid from entry limit ${random.between(50, 800)} for update skip locked))` }
  }

  #scratch(): string {
    const random = this.#random
    const table = random.pick(['scratch', 'scratch_other'])
    const roll = random.next()
    if (roll < 0.08) return 'truncate scratch, scratch_other'
    if (roll < 0.2) return `truncate ${table}`
    if (roll < 0.6) return `insert into ${table} select i, nextval('epoch') * 1000000, '${this.#tag}' from generate_series(${random.between(1, 20)}, ${random.between(10, 40)}) i on conflict do nothing`
    return `update ${table} set ver = ver + 1, tag = '${this.#tag}' where id = ${random.between(1, 40)}`
  }

  /** Hundreds of rows, more than a batch and than a read of the socket holds. */
  #big(): Step {
    const random = this.#random
    return random.chance(0.6)
      ? { sql: `insert into entry select i, 1, '${this.#tag}', repeat('big', i % 60) from generate_series(1, ${random.between(300, 1500)}) i` }
      : { sql: `update ${random.pick(VERSIONED)} set ver = ver + 1, tag = '${this.#tag}' where id <= 350` }
  }

  #long(): Step[] {
    const random = this.#random
    return Array.from({ length: random.between(2, 5) }, (_, index) => {
      const waitMs = random.between(50, 400)
      if (index % 2 === 0) return { sql: `insert into entry select i, 1, '${this.#tag}', 'long' from generate_series(1, ${random.between(1, 30)}) i`, waitMs }
      return { sql: `update account set ver = ver + 1, tag = '${this.#tag}' where id > 350`, waitMs }
    })
  }
}
