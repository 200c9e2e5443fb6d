import type { ColumnFacts } from '../column-rule.ts'
import type { PgColumn, PgTableShape, PgType } from './column.ts'
import { plainType } from './value/value-type.ts'

/** Types of pg_catalog that JDBC has as CHAR or VARCHAR (TypeInfoCache of pgjdbc); enums are VARCHAR, too. */
const CHARACTER: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'char', 'name'])
const DOCUMENT: ReadonlySet<string> = new Set(['json', 'jsonb', 'hstore'])

export function columnFacts({ schema, name: table }: PgTableShape, { name, type, typmod }: PgColumn): ColumnFacts {
  const plain = plainType(type, typmod)
  const builtIn = plain.type.schema === 'pg_catalog'
  return {
    table: `${schema}.${table}`, name, typeName: type.name, ...measure(plain.type, plain.typmod), comment: undefined,
    isCharacter: plain.type.kind === 'enum' || (builtIn && CHARACTER.has(plain.type.name)), isDocument: DOCUMENT.has(plain.type.name),
  }
}

interface Measure {
  readonly length: number
  readonly scale: number
}

const UNKNOWN = 2_147_483_647
/** NUMERIC without a precision: the digits that it can have at most. */
const MOST_DIGITS = 131_089
const FRACTION = 6

const SIMPLE: ReadonlyMap<string, Measure> = new Map([
  ['int2', { length: 5, scale: 0 }], ['int4', { length: 10, scale: 0 }], ['oid', { length: 10, scale: 0 }], ['int8', { length: 19, scale: 0 }],
  ['float4', { length: 8, scale: 8 }], ['float8', { length: 17, scale: 17 }], ['bool', { length: 1, scale: 0 }], ['char', { length: 1, scale: 0 }], ['date', { length: 13, scale: 0 }],
])

/** Length and scale as Debezium knows them from the log: getPrecision, getDisplaySize and getScale of pgjdbc's TypeInfoCache. Of an array, those of its elements. */
function measure(type: PgType, typmod: number): Measure {
  const { schema, name } = type.element ?? type
  const simple = schema === 'pg_catalog' ? SIMPLE.get(name) : undefined
  if (simple !== undefined) return simple
  const fraction = typmod < 0 ? FRACTION : typmod
  switch (schema === 'pg_catalog' ? name : '') {
    case 'numeric':
      return typmod < 0 ? { length: MOST_DIGITS, scale: 0 } : { length: ((typmod - 4) >> 16) & 0xffff, scale: (typmod - 4) & 0xffff }
    case 'varchar':
    case 'bpchar':
      return { length: typmod < 0 ? UNKNOWN : typmod - 4, scale: 0 }
    case 'bit':
    case 'varbit':
      return { length: typmod < 0 ? UNKNOWN : typmod, scale: 0 }
    case 'time':
      return { length: 8 + fractionWidth(typmod), scale: fraction }
    case 'timetz':
      return { length: 14 + fractionWidth(typmod), scale: fraction }
    case 'timestamp':
      return { length: 22 + fractionWidth(typmod), scale: fraction }
    case 'timestamptz':
      return { length: 28 + fractionWidth(typmod), scale: fraction }
    case 'interval':
      return { length: 49, scale: typmod < 0 ? FRACTION : typmod & 0xffff }
    default:
      return { length: UNKNOWN, scale: 0 }
  }
}

/** A dot and the digits behind it; one digit is written with two more. */
function fractionWidth(typmod: number): number {
  if (typmod < 0) return FRACTION + 1
  if (typmod === 0) return 0
  return typmod === 1 ? 3 : typmod + 1
}
