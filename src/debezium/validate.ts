import { avroProblems, isAvro } from './avro-options.ts'
import { converterProblems } from './column-converters.ts'
import { unknownHashes } from './column-options.ts'
import { nearestName } from './nearest-name.ts'
import { splitList } from './pattern/regex-list.ts'
import type { Problem } from './problem.ts'
import { connectorOf, CONNECTOR_TITLES, type Connector } from './property/connector.ts'
import { PRODUCER } from './property/kafka.ts'
import { FILE_STORES, KAFKA_STORES } from './property/offset.ts'
import type { PropertyRule } from './property/rule.ts'
import { FILE_HISTORIES, HISTORY, KAFKA_HISTORIES } from './property/schema-history.ts'
import { PROPERTY_TABLES, type PropertyTable } from './property/table.ts'
import type { Entry } from './server-form.ts'
import { Settings } from './settings.ts'

/** Checks every property and how they go together. Returns all problems and the values that may be used. */
export function validate(entries: readonly Entry[]): { readonly settings: Settings; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const values = new Map<string, string>()
  const table = PROPERTY_TABLES[connectorOf(entries.find((entry) => entry.name === 'connector.class')?.value)]
  const plugged = entries.filter((entry) => entry.name === 'converters').flatMap((entry) => splitList(entry.value))
  for (const entry of entries) {
    const found = checkEntry(entry, table, plugged)
    if (found.length === 0) values.set(entry.name, entry.value)
    problems.push(...found)
  }
  const settings = new Settings(values, table)
  const written = new Map(entries.map((entry) => [entry.name, entry]))
  problems.push(...missing(written, table), ...exclusive(written), ...related(written, settings))
  return { settings, problems: aboutThisDatabase(written, problems) }
}

function checkEntry(entry: Entry, table: PropertyTable, plugged: readonly string[]): Problem[] {
  const property = shownName(entry.written)
  const rule = table.find(entry.name)
  if (rule === undefined) {
    // The options of a custom converter begin with its name; converterProblems judges them, or `converters` is refused.
    if (plugged.some((name) => entry.name.startsWith(`${name}.`))) return []
    return [{ kind: 'unknown', property, text: unknown(entry, table) }]
  }
  if (rule.use === 'refused' && rule.accepts === undefined) return entry.value === '' ? [] : [{ kind: 'unsupported', property, text: `not supported${inPassing(rule.note)}` }]
  const reasons = entry.value.trim() === '' && rule.required ? ['a value is required'] : rule.type.check(entry.value)
  // What a secret is like is nobody's business either.
  if (reasons.length > 0) return reasons.map((reason) => ({ kind: 'invalid', property, text: rule.secret ? 'the value is not valid' : reason }))
  if (isAccepted(rule, entry.value)) return []
  return [{ kind: 'unsupported', property, text: notAccepted(rule, entry.value), ...(rule.essential ? { essential: true } : {}) }]
}

function unknown(entry: Entry, { connector, names }: PropertyTable): string {
  const others = (Object.keys(CONNECTOR_TITLES) as Connector[]).filter((other) => PROPERTY_TABLES[other].find(entry.name) !== undefined)
  if (others.length > 0) return `a property of the connector for ${others.map((other) => CONNECTOR_TITLES[other]).join(' and ')}, not of the one for ${CONNECTOR_TITLES[connector]}`
  const nearest = nearestName(entry.name, names)
  return nearest === undefined ? 'unknown property' : `unknown property; did you mean ${asWritten(entry, nearest)}?`
}

function isAccepted(rule: PropertyRule, value: string): boolean {
  const word = value.trim().toLowerCase()
  return rule.accepts === undefined || word === '' || rule.accepts.some((accepted) => accepted.toLowerCase() === word)
}

function notAccepted(rule: PropertyRule, value: string): string {
  return `"${value.slice(0, 80)}" is not supported, only ${rule.accepts?.join(', ') ?? ''}${inPassing(rule.note)}`
}

/** A note in brackets, after something else. */
function inPassing(note: string): string {
  if (note === '') return ''
  return ` (${/^[A-Z][a-z]/.test(note) ? note.charAt(0).toLowerCase() + note.slice(1) : note})`
}

/** A name with the prefix that this configuration uses. */
function asWritten(entry: Entry, name: string): string {
  return entry.written.endsWith(entry.name) ? entry.written.slice(0, -entry.name.length) + name : name
}

/** The salt of a hashed column stands in the property's name. */
function shownName(written: string): string {
  return written.replace(/(\.salt\.).*/s, '$1***')
}

function missing(written: ReadonlyMap<string, Entry>, { required }: PropertyTable): Problem[] {
  return required.filter((name) => !written.has(name)).map((property) => ({ kind: 'invalid', property, text: 'a value is required' }))
}

/** Debezium refuses both lists even where one is empty. */
const EXCLUSIVE: readonly (readonly [include: string, exclude: string])[] = [
  ...['database', 'schema', 'table', 'column', 'message.prefix'].map((subject) => [`${subject}.include.list`, `${subject}.exclude.list`] as const), ['gtid.source.includes', 'gtid.source.excludes'],
]

function exclusive(written: ReadonlyMap<string, Entry>): Problem[] {
  return EXCLUSIVE.flatMap(([one, other]): Problem[] => {
    const include = written.get(one)
    const exclude = written.get(other)
    return include === undefined || exclude === undefined ? [] : [{ kind: 'invalid', property: exclude.written, text: `cannot stand beside ${include.written}` }]
  })
}

function related(written: ReadonlyMap<string, Entry>, settings: Settings): Problem[] {
  const problems: Problem[] = []
  const name = (property: string): string => written.get(property)?.written ?? property
  const need = (property: string, when: string): void => {
    if (settings.given(property) === undefined) problems.push({ kind: 'invalid', property: name(property), text: `a value is required ${when}` })
  }
  if (settings.integer('max.queue.size') <= settings.integer('max.batch.size')) {
    problems.push({ kind: 'invalid', property: name('max.queue.size'), text: `must be larger than ${name('max.batch.size')} (${settings.text('max.batch.size')}); the default is 8192` })
  }
  const isRefused = written.has('offset.storage') && settings.given('offset.storage') === undefined
  const isInKafka = settings.isOneOf('offset.storage', KAFKA_STORES)
  if (!isRefused && settings.isOneOf('offset.storage', FILE_STORES)) need('offset.storage.file.filename', 'where offsets are kept in a file')
  if (isInKafka) for (const property of ['offset.storage.topic', 'bootstrap.servers']) need(property, 'where offsets are kept in Kafka')
  if (settings.connector !== 'postgresql') historyNeeds(written, settings, need)
  const isToKafka = settings.word('debezium.sink.type') === 'kafka'
  if (isToKafka) need(`${PRODUCER}bootstrap.servers`, 'with the Kafka sink')
  if (settings.word('exactly.once.support') === 'required' && !(isToKafka && isInKafka)) {
    problems.push({ kind: 'unsupported', property: name('exactly.once.support'), text: 'required needs debezium.sink.type=kafka and offset.storage=kafka', essential: true })
  }
  if (isAvro(settings, 'key') && !isAvro(settings, 'value')) {
    problems.push({ kind: 'unsupported', property: name(written.has('debezium.format.key') ? 'debezium.format.key' : 'key.converter'), text: 'not supported with a value that is JSON; the other way round is', essential: true })
  }
  problems.push(...avroProblems(settings).map(({ part, option, ...problem }): Problem => ({ ...problem, property: optionName(written, part, option) })))
  if (settings.connector !== 'postgresql') problems.push(...converterProblems(settings).map((problem) => ({ ...problem, property: name(problem.property) })))
  for (const { property, algorithm } of unknownHashes(settings)) problems.push({ kind: 'invalid', property: shownName(name(property)), text: `the algorithm ${algorithm.slice(0, 40)} is not known` })
  return problems
}

function historyNeeds(written: ReadonlyMap<string, Entry>, settings: Settings, need: (property: string, when: string) => void): void {
  // what is refused needs nothing any more
  if ((written.get(HISTORY)?.value ?? '') !== '' && settings.given(HISTORY) === undefined) return
  if (settings.isOneOf(HISTORY, FILE_HISTORIES)) need(`${HISTORY}.file.filename`, 'where the schema history is kept in a file')
  if (settings.isOneOf(HISTORY, KAFKA_HISTORIES)) for (const option of ['kafka.topic', 'kafka.bootstrap.servers']) need(`${HISTORY}.${option}`, 'where the schema history is kept in Kafka, which is the default')
}

/** A converter's option as this configuration writes it, or would. */
function optionName(written: ReadonlyMap<string, Entry>, part: string, option: string): string {
  const given = [`${part}.converter.${option}`, `converter.${option}`].map((property) => written.get(property)?.written).find((name) => name !== undefined)
  return given ?? (written.has(`debezium.format.${part}`) ? `debezium.format.${part}.${option}` : `${part}.converter.${option}`)
}

/** With another database's connector, what its properties mean cannot be judged here. */
function aboutThisDatabase(written: ReadonlyMap<string, Entry>, problems: Problem[]): Problem[] {
  const connector = written.get('connector.class')?.written
  const isForeign = problems.some((problem) => problem.property === connector && problem.kind === 'unsupported')
  return isForeign ? problems.filter((problem) => problem.kind !== 'unknown') : problems
}
