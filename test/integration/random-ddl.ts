import type { Random } from '../fuzz/campaign.ts'

/** Statements that a server may refuse; what it takes, the reader must take as well. */
export class RandomDdl {
  readonly #random: Random
  readonly #mariadb: boolean
  readonly #types: readonly string[]

  constructor(random: Random, mariadb: boolean, vectors: boolean) {
    this.#random = random
    this.#mariadb = mariadb
    this.#types = [...TYPES, ...(mariadb ? MARIADB_TYPES : MYSQL_TYPES), ...(vectors ? ['vector(3)', 'VECTOR(2)'] : [])]
  }

  createTable(name: string): string {
    const columns = Array.from({ length: 1 + this.#random.below(6) }, (_, index) => `c${index}`)
    const elements = columns.map((column) => `${quote(column, this.#random)} ${this.#column()}`)
    if (!this.#random.chance(4)) elements.push(`primary key (${this.#some(columns)})`)
    if (this.#random.chance(2)) elements.push(`${this.#random.pick(['unique', 'unique key uq', 'constraint uq unique index'])} (${this.#some(columns)})`)
    if (this.#random.chance(4)) elements.push(`key ix using btree (${this.#random.pick(columns)})`)
    if (this.#random.chance(5)) elements.push("check (1 = 1 or ')' <> ',')")
    return `${this.#word('create table')} ${name} (${elements.join(this.#random.chance(2) ? ', ' : ' /* , ( */ ,\n  ')}) ${this.#options(' ')}`.trim()
  }

  alterTable(name: string, columns: readonly string[]): string {
    const any = Array.from({ length: 1 + this.#random.below(this.#random.chance(3) ? 4 : 2) }, () => this.#clause(name, columns))
    // MySQL 9.7 then takes the size of a TEXT or BLOB from what the column was before: an INT that is modified to MEDIUMBLOB becomes TINYBLOB
    const clauses = any.some((clause) => clause.startsWith('convert')) ? any.filter((clause) => !/^(modify|change) .*(text|blob|long)/i.test(clause)) : any
    return `${this.#word('alter table')} ${name} ${clauses.join(', ')}`
  }

  #clause(name: string, columns: readonly string[]): string {
    const random = this.#random
    const one = (): string => quote(random.pick(columns), random)
    const fresh = (): string => quote(`n${random.below(1000)}`, random)
    const place = (): string => random.pick(['', '', ' first', ` after ${one()}`])
    const clauses: readonly (() => string)[] = [
      () => `add ${fresh()} ${this.#column()}${place()}`,
      () => `add column ${fresh()} ${this.#column()}${place()}`,
      () => `add column (${fresh()} ${this.#column()}, ${fresh()} ${this.#column()})`,
      () => `drop ${random.pick(['', 'column '])}${one()}`,
      () => `modify ${random.pick(['', 'column '])}${one()} ${this.#column()}${place()}`,
      () => `change ${random.pick(['', 'column '])}${one()} ${fresh()} ${this.#column()}${place()}`,
      () => `rename column ${one()} to ${random.pick([fresh, one])()}`,
      () => `alter ${random.pick(['', 'column '])}${one()} set default ${random.pick(['7', "'1'", 'null', '(1 + 1)'])}`,
      () => `alter column ${one()} drop default`,
      () => `add primary key (${this.#some(columns)})`,
      () => 'drop primary key',
      () => `add unique ${random.pick(['', 'key ', 'index '])}u${random.below(50)} (${this.#some(columns)})`,
      () => `add index i${random.below(50)} (${one()})`,
      () => `convert to character set ${random.pick(CHARSETS)}`,
      () => `${random.pick(['', 'default '])}character set ${random.pick(['', '= '])}${random.pick(CHARSETS)}`,
      () => `comment ${random.pick(['', '= '])}'it''s, "a" \\\\ table)'`,
      () => random.pick(['engine=InnoDB', 'force', 'row_format=dynamic', 'algorithm=copy', 'lock=shared', 'engine InnoDB comment = "x" row_format = compact', 'stats_persistent=default']),
      () => `order by ${one()}, ${one()} desc`,
      () => `rename ${random.pick(['to ', 'as ', ''])}${name}_r`,
    ]
    return random.pick(clauses)()
  }

  #column(): string {
    const random = this.#random
    const type = random.pick(this.#types)
    const parts = [random.chance(3) ? type.toUpperCase() : type]
    if (/char|text|enum|set\(/.test(type) && !/binary|national|nchar|charset|ascii|unicode/.test(type) && random.chance(3)) parts.push(random.pick(CHARSETS.map((charset) => `character set ${charset}`)))
    parts.push(...random.pick([['not null'], ['null'], [], []]))
    const fallback = defaultOf(type, random)
    if (fallback !== undefined && random.chance(3)) parts.push(`default ${fallback}`)
    if (random.chance(8)) parts.push(random.pick(['unique', 'unique key']))
    if (random.chance(6)) parts.push(`comment ${random.pick(["'c'", "'it''s first, after'", '"double \\" not null"'])}`)
    if (random.chance(12)) parts.push("check (1 = 1 or 'primary key' <> '')")
    if (random.chance(14)) parts.push(this.#mariadb ? 'invisible' : '/*!80023 INVISIBLE */')
    return parts.join(' ')
  }

  #options(separator: string): string {
    const random = this.#random
    const options: string[] = []
    if (random.chance(2)) options.push(`${random.pick(['default ', ''])}${random.pick(['charset', 'character set'])}${random.pick(['=', ' '])}${random.pick(CHARSETS)}`)
    if (random.chance(4)) options.push('engine=InnoDB')
    if (random.chance(4)) options.push("comment='primary key (c0), unique'")
    return options.join(separator)
  }

  #some(columns: readonly string[]): string {
    return [...new Set(Array.from({ length: 1 + this.#random.below(2) }, () => this.#random.pick(columns)))].join(', ')
  }

  #word(text: string): string {
    return this.#random.pick([text, text.toUpperCase(), text.replace(' ', ' /* gh-ost */ '), `/*!50100 ${text}*/`])
  }
}

function quote(name: string, random: Random): string {
  return random.chance(2) ? `\`${name}\`` : name
}

// not ucs2: MySQL 9.7 garbles the labels of an ENUM when it converts them from it
const CHARSETS = ['latin1', 'utf8mb4', 'utf8mb3', 'utf8', 'gbk', 'cp1251', 'binary', 'utf8mb4 collate utf8mb4_bin']

const TYPES = [
  'tinyint', 'tinyint(1)', 'bool', 'boolean', 'smallint unsigned', 'mediumint(5) zerofill', 'middleint', 'int', 'integer', 'int(11) unsigned zerofill', 'int4', 'bigint', 'int8 signed', 'bigint unsigned',
  'decimal', 'decimal(5)', 'decimal(10,3) unsigned', 'dec(4,1)', 'numeric(8,2)', 'fixed(3)', 'float', 'float(10)', 'float(30)', 'float(7,3)', 'double', 'double precision', 'double(9,2) unsigned', 'real',
  'bit', 'bit(9)', 'char', 'char(5)', 'character(3)', 'varchar(20)', 'varchar(300) binary', 'char varying(7)', 'character varying(9)', 'national char(4)', 'nchar(3)', 'national varchar(6)', 'nvarchar(5)',
  'char(4) ascii', 'varchar(9) charset ucs2', 'tinytext charset ucs2', 'char(3) unicode', 'varchar(6) collate latin1_bin', 'char(3) charset binary', 'char(3) byte', 'tinytext', 'text', 'text(100)', 'text(70)', 'mediumtext', 'longtext', 'long varchar', 'long', 'text(20000)',
  'binary', 'binary(3)', 'varbinary(9)', 'tinyblob', 'blob', 'blob(300)', 'blob(200)', 'mediumblob', 'longblob', 'long varbinary', 'date', 'time', 'time(3)', 'datetime', 'datetime(6)', 'datetime(0)',
  'timestamp null', 'timestamp(3) null', 'year', 'year(4)', "enum('a','b,c','it''s','x\\\\y')", "set('a','b ')", "enum('e','s') charset latin1", 'json', 'geometry', 'point', 'polygon', 'geometrycollection',
]
const MYSQL_TYPES = ['geomcollection', 'point srid 4326', 'int generated always as (1 + 1) virtual', 'varchar(30) as (concat("a,", \')\')) stored']
const MARIADB_TYPES = ['uuid', 'inet6', 'inet4', 'text compressed', 'varchar(90) compressed', 'int as (1 + 1) persistent', 'blob compressed=zlib']

function defaultOf(type: string, random: Random): string | undefined {
  if (/ as |geom|point|polygon|blob|text|json|long|vector|uuid|inet/.test(type)) return undefined
  if (/^(bool|tiny|small|medium|middle|int|big)/.test(type)) return random.pick(['1', "'2'", '+3', 'true', '0'])
  if (/^(dec|num|fixed|float|double|real)/.test(type)) return random.pick(['1.5', "'2'", '0', '1e1'])
  if (/^bit/.test(type)) return random.pick(["b'1'", '1', '0b1'])
  if (/^(date|timestamp)/.test(type) && type !== 'date') return random.pick(["'2020-01-02 03:04:05'", /\(/.test(type) ? undefined : 'current_timestamp', /\(/.test(type) ? undefined : 'now() on update now()'])
  if (type === 'date') return "'2020-01-02'"
  if (/^time/.test(type)) return "'01:02:03'"
  if (/^year/.test(type)) return '2020'
  return random.pick(["'a'", "''", '"a"'])
}
