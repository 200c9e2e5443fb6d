import { isDeepStrictEqual, styleText } from 'node:util'
import type { ChangeEvent, Operation } from '../event/change-event.ts'
import { UNAVAILABLE } from '../event/unavailable.ts'
import { safeText, valueText } from './value-text.ts'

const WORDS: Readonly<Record<Operation, string>> = { r: 'row', c: 'insert', u: 'update', d: 'delete', t: 'truncate', m: 'message', s: 'schema', b: 'begin', e: 'end' }
const COLOURS: Readonly<Record<Operation, Parameters<typeof styleText>[0]>> = { r: 'gray', c: 'green', u: 'yellow', d: 'red', t: 'magenta', m: 'cyan', s: 'magenta', b: 'gray', e: 'gray' }
const WIDEST_WORD = 8

type Row = Readonly<Record<string, unknown>>

/** One change on one line: when, what, where, the key, and what is new. */
export function changeLine(event: ChangeEvent, colour: boolean): string {
  const word = WORDS[event.op].padEnd(WIDEST_WORD)
  const time = new Date(Number(event.transaction.timestampMicros / 1000n)).toISOString().slice(11, 23)
  const { place, what } = told(event)
  return `${time}  ${colour ? styleText(COLOURS[event.op], word, { validateStream: false }) : word}  ${safeText(place)}${what === '' ? '' : `  ${what}`}`
}

/** Where it is, and what it says. */
function told(event: ChangeEvent): { readonly place: string; readonly what: string } {
  const { message, schemaChange, marker, table } = event
  if (message !== undefined) return { place: message.prefix, what: valueText(message.content) }
  if (schemaChange !== undefined) return { place: schemaChange.database, what: valueText(schemaChange.ddl) }
  if (marker === undefined) return { place: `${table.schema}.${table.name}`, what: rowText(event) }
  return { place: marker.id, what: (marker.counts ?? []).map(({ table: name, events }) => `${safeText(name === '' ? 'messages' : name)}: ${events}`).join(', ') }
}

function rowText(event: ChangeEvent): string {
  const { before, after, key } = event
  if (event.op === 'u' && before !== null && after !== null && event.beforeImage?.extent === 'row') return `${pairs(key ?? {})}  ${changes(before, after)}`.trimStart()
  // A delete has all columns only under REPLICA IDENTITY FULL; otherwise the key is all there is.
  if (event.op === 'd') return pairs(event.beforeImage?.extent === 'row' ? (before ?? {}) : (key ?? {}))
  return pairs({ ...key, ...after })
}

function pairs(row: Row): string {
  return Object.entries(row).map(([name, value]) => `${safeText(name)}=${valueText(value)}`).join(' ')
}

function changes(before: Row, after: Row): string {
  const changed = Object.entries(after).filter(([name, value]) => value !== UNAVAILABLE && !isDeepStrictEqual(value, before[name]))
  return changed.length === 0 ? '(no column changed)' : changed.map(([name, value]) => `${safeText(name)}: ${valueText(before[name])} → ${valueText(value)}`).join(', ')
}
