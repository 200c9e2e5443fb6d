import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../event/handling-mode.ts'
import type { DebeziumJsonOptions } from '../format/json/debezium-json.ts'
import type { NameAdjustment } from '../format/name-adjustment.ts'
import type { Part } from './property/converter.ts'
import type { Settings } from './settings.ts'

/** How records are to be written. */
export function jsonOptions(settings: Settings): DebeziumJsonOptions {
  return {
    logicalName: settings.text('topic.prefix'),
    topicDelimiter: settings.text('topic.delimiter'),
    transactionTopic: settings.text('topic.transaction'),
    schemasEnable: {
      key: converterFlag(settings, 'key', 'schemas.enable'),
      value: converterFlag(settings, 'value', 'schemas.enable'),
      header: converterFlag(settings, 'header', 'schemas.enable'),
    },
    replaceNullWithDefault: {
      key: converterFlag(settings, 'key', 'replace.null.with.default'),
      value: converterFlag(settings, 'value', 'replace.null.with.default'),
    },
    tombstones: settings.flag('tombstones.on.delete'),
    modes: handlingModes(settings),
    contextHeaders: settings.flag('extended.headers.enabled'),
    schemaNameAdjustment: settings.word<NameAdjustment>('schema.name.adjustment.mode'),
    fieldNameAdjustment: settings.word<NameAdjustment>('field.name.adjustment.mode'),
  }
}

/** The part's own property, else the one for all parts, else the default. */
export function converterFlag(settings: Settings, part: Part, option: string): boolean {
  const own = `${part}.converter.${option}`
  return settings.flag(settings.given(own) === undefined ? `converter.${option}` : own)
}

/** How values are represented. */
function handlingModes(settings: Settings): HandlingModes {
  return {
    ...DEFAULT_HANDLING_MODES,
    ...(settings.connector === 'postgresql' ? postgresModes(settings) : mysqlModes(settings)),
    decimal: settings.word<HandlingModes['decimal']>('decimal.handling.mode'),
    time: settings.word<HandlingModes['time']>('time.precision.mode'),
    binary: settings.word<HandlingModes['binary']>('binary.handling.mode'),
    unavailablePlaceholder: placeholder(settings.text('unavailable.value.placeholder')),
    conversionFailure: settings.word<HandlingModes['conversionFailure']>('event.converting.failure.handling.mode'),
  }
}

function postgresModes(settings: Settings): Partial<HandlingModes> {
  return {
    interval: settings.word<HandlingModes['interval']>('interval.handling.mode'),
    hstore: settings.word<HandlingModes['hstore']>('hstore.handling.mode'),
    moneyFractionDigits: settings.integer('money.fraction.digits'),
    includeUnknown: settings.flag('include.unknown.datatypes'),
  }
}

function mysqlModes(settings: Settings): Partial<HandlingModes> {
  return { bigintUnsigned: settings.word<HandlingModes['bigintUnsigned']>('bigint.unsigned.handling.mode'), timeAdjuster: settings.flag('enable.time.adjuster') }
}

function placeholder(text: string): Uint8Array {
  return text.startsWith('hex:') ? Buffer.from(text.slice('hex:'.length), 'hex') : Buffer.from(text, 'utf8')
}
