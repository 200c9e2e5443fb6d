import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../../../../src/event/handling-mode.ts'
import type { PgColumn, PgType } from '../../../../../src/source/postgres/column.ts'
import type { TailraceError } from '../../../../../src/error/tailrace-error.ts'
import { compileColumn, type CompiledColumn } from '../../../../../src/source/postgres/value/column-codec.ts'
import { recorded } from './recording-writer.ts'

const EXTENSIONS = new Set(['hstore', 'citext', 'ltree', 'isbn', 'geometry', 'geography', 'vector', 'halfvec', 'sparsevec', 'lquery'])
const RANGES = new Set(['int4range', 'int8range', 'numrange', 'tsrange', 'tstzrange', 'daterange'])

export const MOOD: PgType = { oid: 90001, name: 'mood', schema: 'public', kind: 'enum', labels: ['sad', 'ok', 'very "happy"'] }
export const PAIR: PgType = { oid: 90002, name: 'pair', schema: 'public', kind: 'composite' }

/** A type by a short name: `int4`, `text[]`, `mood`, `pair`, `hstore`. Oids are of no importance to values. */
export function type(name: string): PgType {
  if (name.endsWith('[]')) {
    const element = type(name.slice(0, -2))
    return { oid: 0, name: `_${element.name}`, schema: element.schema, kind: 'base', element: element.name === 'box' ? { ...element, delimiter: ';' } : element }
  }
  if (name === 'mood') return MOOD
  if (name === 'pair') return PAIR
  if (EXTENSIONS.has(name)) return { oid: 0, name, schema: 'public', kind: 'base' }
  return { oid: 0, name, schema: 'pg_catalog', kind: RANGES.has(name) ? 'range' : name.endsWith('multirange') ? 'multirange' : 'base' }
}

export function domain(name: string, base: PgType, baseTypmod = -1): PgType {
  return { oid: 90003, name, schema: 'public', kind: 'domain', base, baseTypmod }
}

/** A column `c`; `name(n)` and `numeric(p,s)` give the modifier as pg_attribute has it. */
export function column(text: string, rest: Partial<PgColumn> = {}): PgColumn {
  const match = /^(\w+)(?:\((\d+)(?:,(-?\d+))?\))?((?:\[\])?)$/.exec(text)
  if (match === null) throw new Error(text)
  const [, name = '', first, second = '0', brackets = ''] = match
  const typmod = first === undefined ? -1 : name === 'numeric' ? ((Number(first) << 16) | (Number(second) & 0x7ff)) + 4 : ['varchar', 'bpchar'].includes(name) ? Number(first) + 4 : Number(first)
  return { name: 'c', type: type(name + brackets), typmod, optional: true, identity: false, generated: false, ...rest }
}

export function modes(rest: Partial<HandlingModes> = {}): HandlingModes {
  return { ...DEFAULT_HANDLING_MODES, ...rest }
}

export function compiled(of: PgColumn, rest: Partial<HandlingModes> = {}, warn: (error: TailraceError) => void = unexpected): CompiledColumn {
  const result = compileColumn(of, modes(rest), warn, { schema: 'public', table: 't' })
  if (result === undefined) throw new Error(`${of.type.name} is left out`)
  return result
}

function unexpected(error: TailraceError): void {
  throw error
}

/** What a column's reader says about a cell, which stands in the middle of other bytes. */
export function read(of: PgColumn, cell: string | Buffer, rest: Partial<HandlingModes> = {}, warn?: (error: TailraceError) => void): string {
  const text = Buffer.from(cell)
  const bytes = Buffer.concat([Buffer.from('1{"'), text, Buffer.from('9}"\\')])
  return recorded((writer) => compiled(of, rest, warn).read(writer, bytes, 3, 3 + text.length))
}
