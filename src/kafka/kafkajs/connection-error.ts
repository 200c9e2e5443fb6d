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

const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT)|HOSTNAME_MISMATCH|EPROTO)/

/** An error of kafkajs as one of ours. Its own message may hold addresses, never credentials or records. */
export function toKafkaError(error: unknown, doing: string): TailraceError {
  if (error instanceof TailraceError) return error
  const { name = '', message = '', code, cause } = (error ?? {}) as KafkajsError
  if (name === 'KafkaJSNumberOfRetriesExceeded' && cause !== undefined) return toKafkaError(cause, doing)
  if (name === 'KafkaJSSASLAuthenticationError') return new TailraceError('TR_KAFKA_AUTH', { message: `Kafka refused the login while ${doing}`, cause: error })
  if (typeof code === 'number') {
    const verdict = brokerVerdict(code)
    return verdict === 'retriable' || verdict === 'sequence' || verdict === 'transaction' ? unreachable(`Kafka answered ${message}`, doing, error) : brokerFailure(code, doing)
  }
  if (typeof code === 'string' && TLS_CODES.test(code)) return new TailraceError('TR_KAFKA_TLS', { message: `The TLS connection to Kafka failed while ${doing}: ${code}`, where: { error: code }, cause: error })
  return unreachable(message, doing, error)
}

function unreachable(message: string, doing: string, cause: unknown): TailraceError {
  return new TailraceError('TR_KAFKA_CONNECT', { message: `Kafka did not answer while ${doing}: ${message}`, cause })
}
