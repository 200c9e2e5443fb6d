/**
 * How values are represented where Debezium leaves a choice. Names, values and defaults are Debezium's
 * (https://debezium.io/documentation/reference/stable/connectors/postgresql.html and mysql.html, connector properties).
 */
export interface HandlingModes {
  /** `decimal.handling.mode`, default precise. */
  readonly decimal: 'precise' | 'double' | 'string'
  /** `time.precision.mode`, default adaptive. Of MySQL and MariaDB, `adaptive` means `adaptive_time_microseconds`, Debezium's default there. */
  readonly time: 'adaptive' | 'adaptive_time_microseconds' | 'connect' | 'isostring' | 'microseconds' | 'nanoseconds'
  /** `binary.handling.mode`, default bytes. */
  readonly binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  /** `interval.handling.mode`, default numeric. */
  readonly interval: 'numeric' | 'string'
  /** `hstore.handling.mode`, default json. */
  readonly hstore: 'json' | 'map'
  /** `money.fraction.digits`, default 2. */
  readonly moneyFractionDigits: number
  /** `bigint.unsigned.handling.mode` (MySQL, MariaDB), default long: what exceeds 2^63 - 1 becomes negative. */
  readonly bigintUnsigned: 'long' | 'precise'
  /** `enable.time.adjuster` (MySQL, MariaDB), default true: years 0 to 69 are 2000 to 2069, 70 to 99 are 1970 to 1999. */
  readonly timeAdjuster: boolean
  /** `include.unknown.datatypes`, default false: columns of unknown types are left out. */
  readonly includeUnknown: boolean
  /** `unavailable.value.placeholder`, default `__debezium_unavailable_value` (its UTF-8 bytes; `hex:` gives raw bytes). */
  readonly unavailablePlaceholder: Uint8Array
  /** `event.converting.failure.handling.mode`, default warn. */
  readonly conversionFailure: 'warn' | 'fail' | 'skip'
}

/** Debezium's defaults. */
export const DEFAULT_HANDLING_MODES: HandlingModes = {
  decimal: 'precise',
  time: 'adaptive',
  binary: 'bytes',
  interval: 'numeric',
  hstore: 'json',
  moneyFractionDigits: 2,
  bigintUnsigned: 'long',
  timeAdjuster: true,
  includeUnknown: false,
  unavailablePlaceholder: new TextEncoder().encode('__debezium_unavailable_value'),
  conversionFailure: 'warn',
}
