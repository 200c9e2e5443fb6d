import type { ColumnConversion, ZeroDateConversion } from '../source/mysql/conversion-options.ts'
import { readRegexList, splitList } from './pattern/regex-list.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './settings.ts'

/** Debezium's own converters for MySQL and MariaDB, and the options of each. */
const CLASSES: ReadonlyMap<string, { readonly options: RegExp; readonly read: (options: ReadonlyMap<string, string>) => readonly ColumnConversion[] }> = new Map([
  ['TinyIntOneToBooleanConverter', { options: /^(selector|length\.checker)$/, read: tinyIntOne }],
  ['JdbcSinkDataTypesConverter', { options: /^(selector\.(boolean|real|string)|treat\.real\.as\.double)$/, read: jdbcSink }],
  ['ZeroDateFallbackConverter', { options: /^(selector|target\.types|fallback\.(date|datetime|timestamp)|column\..+\.fallback)$/, read: zeroDate }],
])

/** Names for docs/debezium.md. */
export const CONVERTER_CLASSES: readonly string[] = [...CLASSES.keys()]

/** By what it is called in either of its packages. */
function classOf(name: string | undefined): ReturnType<typeof CLASSES.get> {
  return CLASSES.get(/^io\.debezium\.connector\.(?:mysql|binlog)\.converters\.(\w+)$/.exec(name?.trim() ?? '')?.[1] ?? '')
}

/** What `converters` says; undefined without it. */
export function columnConversions(settings: Settings): readonly ColumnConversion[] {
  return settings.list('converters').flatMap((name) => {
    const options = settings.family(`${name}.`)
    return classOf(options.get('type'))?.read(options) ?? []
  })
}

/** Problems with them, by the properties' names. */
export function converterProblems(settings: Settings): readonly Problem[] {
  return settings.list('converters').flatMap((name): readonly Problem[] => {
    const options = settings.family(`${name}.`)
    const type = options.get('type')
    const known = classOf(type)
    if (type === undefined || type === '') return [{ kind: 'invalid', property: `${name}.type`, text: 'a value is required' }]
    if (known === undefined) return [{ kind: 'unsupported', property: `${name}.type`, text: `"${type.slice(0, 80)}" is not supported, only Debezium’s own ${CONVERTER_CLASSES.join(', ')}` }]
    return [...options].filter(([option]) => option !== 'type').flatMap(([option, value]): readonly Problem[] => {
      const property = `${name}.${option}`
      if (!known.options.test(option)) return [{ kind: 'unknown', property, text: 'unknown property' }]
      return wrong(option, value).map((text) => ({ kind: 'invalid', property, text }))
    })
  })
}

const DATES: Readonly<Record<string, RegExp>> = {
  'fallback.date': /^\d{4}-\d\d-\d\d$/, 'fallback.datetime': /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'fallback.timestamp': /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/,
}

function wrong(option: string, value: string): readonly string[] {
  if (option.startsWith('selector')) return readRegexList(value).reasons.map((reason) => `not a valid regular expression: ${reason}`)
  const form = DATES[option]
  return form === undefined || isNull(value) || form.test(value.trim()) ? [] : [`"${value.slice(0, 80)}" is not a moment of that type`]
}

function tinyIntOne(options: ReadonlyMap<string, string>): readonly ColumnConversion[] {
  return [{ to: 'boolean', ...selected(options.get('selector')), anyLength: !flag(options.get('length.checker')) }]
}

/** In the order in which Debezium asks. */
function jdbcSink(options: ReadonlyMap<string, string>): readonly ColumnConversion[] {
  const real = flag(options.get('treat.real.as.double')) ? 'double' : 'float'
  return ([['boolean', 'int16'], ['real', real], ['string', 'string']] as const).flatMap(([kind, to]) => {
    const columns = readRegexList(options.get(`selector.${kind}`) ?? '').expressions
    return columns.length === 0 ? [] : [{ to, columns }]
  })
}

function zeroDate(options: ReadonlyMap<string, string>): readonly ColumnConversion[] {
  const moment = (option: string): string | null => nothingOr(options.get(option))
  const single = [...options].flatMap(([option, value]): [string, string | null][] => {
    const name = /^column\.(.+)\.fallback$/.exec(option)?.[1]
    return name === undefined ? [] : [[name, nothingOr(value)]]
  })
  const types = splitList(options.get('target.types') ?? 'DATE,DATETIME,TIMESTAMP').map((type) => type.toUpperCase()) as NonNullable<ZeroDateConversion['types']>
  return [{ to: 'date', ...selected(options.get('selector')), types, date: moment('fallback.date'), datetime: moment('fallback.datetime'), timestamp: moment('fallback.timestamp'), single: Object.fromEntries(single) }]
}

function selected(selector: string | undefined): { readonly columns?: readonly RegExp[] } {
  const columns = readRegexList(selector ?? '').expressions
  return columns.length === 0 ? {} : { columns }
}

/** Both are true unless told otherwise. */
function flag(text: string | undefined): boolean {
  return text === undefined || text === '' || text.trim().toLowerCase() === 'true'
}

function isNull(text: string): boolean {
  return text.trim() === '' || text.trim().toUpperCase() === 'NULL'
}

function nothingOr(text: string | undefined): string | null {
  return text === undefined || isNull(text) ? null : text.trim()
}
