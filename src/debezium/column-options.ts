import { isKnownHash } from '../source/column-hash.ts'
import type { ColumnOptions } from '../source/column-options.ts'
import { readRegexList } from './pattern/regex-list.ts'
import { parseKeyColumns } from './property/key-columns.ts'
import type { Settings } from './settings.ts'

const TRUNCATE = 'column.truncate.to.'
const MASK = 'column.mask.with.'
const HASH = 'column.mask.hash.'
/** Behind {@link HASH}: Debezium's second form, algorithm and salt (ColumnMappers). */
const HASHED = /^(?<second>v2\.)?(?<algorithm>[^.]+)\.with\.salt\.(?<salt>.+)$/s

/** The families' members, for the table of properties. */
export const COLUMN_FAMILIES: Readonly<Record<'truncate' | 'mask' | 'hash', RegExp>> = {
  truncate: /^column\.truncate\.to\.\d+\.chars$/,
  mask: /^column\.mask\.with\.\d+\.chars$/,
  hash: /^column\.mask\.hash\.(?:v2\.)?[^.]+\.with\.salt\..+$/s,
}

/** What becomes of columns; undefined where nothing does. */
export function columnOptions(settings: Settings): ColumnOptions | undefined {
  const named = <Rule extends { readonly columns: readonly RegExp[] }>(rules: Rule[]): Rule[] => rules.filter(({ columns }) => columns.length > 0)
  const lengths = (prefix: string): { columns: RegExp[]; chars: number }[] =>
    named([...settings.family(prefix)].map(([rest, list]) => ({ columns: readRegexList(list).expressions, chars: Number.parseInt(rest, 10) })))
  const hash = hashes(settings).map(({ list, algorithm, salt, form }) => ({ columns: readRegexList(list).expressions, algorithm, salt, form }))
  const options = {
    truncate: lengths(TRUNCATE), mask: lengths(MASK), hash: named(hash).sort((one, other) => one.form - other.form),
    sourceType: settings.expressions('column.propagate.source.type'), sourceTypeOf: settings.expressions('datatype.propagate.source.type'),
    key: parseKeyColumns(settings.text('message.key.columns')).expressions,
  }
  return Object.values(options).every((rules) => rules.length === 0) ? undefined : options
}

/** The names, as they are known here, of hash properties whose algorithm is not. */
export function unknownHashes(settings: Settings): readonly { readonly property: string; readonly algorithm: string }[] {
  return hashes(settings).filter(({ algorithm }) => !isKnownHash(algorithm)).map(({ name, algorithm }) => ({ property: HASH + name, algorithm }))
}

function hashes(settings: Settings): { name: string; list: string; algorithm: string; salt: string; form: 1 | 2 }[] {
  return [...settings.family(HASH)].map(([name, list]) => {
    const { second, algorithm = '', salt = '' } = HASHED.exec(name)?.groups ?? {}
    return { name, list, algorithm, salt, form: second === undefined ? 1 : 2 }
  })
}
