import { TailraceError } from '../../error/tailrace-error.ts'
import { brokerFailure, brokerVerdict } from '../broker-error.ts'

/** What kafkajs throws: names as in its errors.js. */
interface KafkajsError {
  readonly name?: string
  readonly message?: string
  /** A broker's error number, or the operating system's error name. */
  readonly code?: number | string
  readonly cause?: unknown
}

const ILLEGAL_SASL_STATE = 34
const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT)|HOSTNAME_MISMATCH|EPROTO)/

/** An error of kafkajs as one of ours. Its own message may hold addresses, never credentials or records. */
export function toKafkaError(error: unknown, doing: string): TailraceError {
  if (error instanceof TailraceError) return error
  const { name = '', message = '', code, cause } = (error ?? {}) as KafkajsError
  if (name === 'KafkaJSNumberOfRetriesExceeded' && cause !== undefined) return toKafkaError(cause, doing)
  if (name === 'KafkaJSSASLAuthenticationError') return new TailraceError('TR_KAFKA_AUTH', { message: `Kafka refused the login while ${doing}`, cause: error })
  if (code === ILLEGAL_SASL_STATE) return new TailraceError('TR_KAFKA_AUTH', { message: `Kafka takes no login at this address (ILLEGAL_SASL_STATE while ${doing})`, remedy: 'Leave sasl out, or give the address of a listener with SASL', cause: error })
  if (typeof code === 'number') {
    const verdict = brokerVerdict(code)
    return verdict === 'retriable' || verdict === 'sequence' || verdict === 'transaction' ? unreachable(`Kafka answered ${message}`, doing, error) : brokerFailure(code, doing)
  }
  if (typeof code === 'string' && TLS_CODES.test(code)) return new TailraceError('TR_KAFKA_TLS', { message: `The TLS connection to Kafka failed while ${doing}: ${code}`, where: { error: code }, cause: error })
  return unreachable(message, doing, error, isClosed(error) || code === 'ECONNRESET' ? CLOSED : undefined)
}

const CLOSED = 'Check the brokers’ addresses and state; a listener that closes connections at once wants TLS, or has none, or wants a login'

/** Whether the broker has closed the connection. */
export function isClosed(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as KafkajsError
  return name === 'KafkaJSConnectionClosedError' || (name === 'KafkaJSNumberOfRetriesExceeded' && isClosed(cause))
}

function unreachable(message: string, doing: string, cause: unknown, remedy?: string): TailraceError {
  return new TailraceError('TR_KAFKA_CONNECT', { message: `Kafka did not answer while ${doing}: ${message}`, cause, ...(remedy === undefined ? {} : { remedy }) })
}
