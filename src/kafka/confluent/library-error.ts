import { TailraceError } from '../../error/tailrace-error.ts'
import { brokerFailure, brokerVerdict } from '../broker-error.ts'
import type { SenderFailure } from '../serial-producer.ts'
import type { LibraryError } from './library.ts'

/** Of librdkafka's own (rdkafka.h, rd_kafka_resp_err_t). */
const AUTHENTICATION = -169
const SSL = -181
const FATAL = -150
const INVALID_TOPIC_LOCALLY = -171

/** An error of the library as one of ours. Its text names brokers and certificates, never secrets. */
export function failureOf(error: unknown, doing: string): SenderFailure {
  if (error instanceof TailraceError) return { error, renew: false }
  const { code, message = '' } = (error ?? {}) as Partial<LibraryError>
  if (code === AUTHENTICATION) return final(new TailraceError('TR_KAFKA_AUTH', { message: `Kafka refused the login while ${doing}`, cause: error }))
  if (code === SSL) return final(new TailraceError('TR_KAFKA_TLS', { message: `The TLS connection to Kafka failed while ${doing}: ${message}`, cause: error }))
  if (code === INVALID_TOPIC_LOCALLY) return final(new TailraceError('TR_KAFKA_TOPIC_INVALID', { message: `librdkafka takes no such topic name, while ${doing}`, cause: error }))
  if (typeof code !== 'number' || code < 0) return { error: unreachable(message, doing, error), renew: code === FATAL }
  const verdict = brokerVerdict(code)
  const failure = brokerFailure(code, doing)
  const passing = verdict === 'retriable' || verdict === 'sequence' || verdict === 'transaction'
  return { error: passing ? unreachable(failure.message, doing, error) : failure, renew: verdict === 'sequence' || verdict === 'transaction' }
}

function final(error: TailraceError): SenderFailure {
  return { error, renew: false }
}

function unreachable(message: string, doing: string, cause: unknown): TailraceError {
  return new TailraceError('TR_KAFKA_CONNECT', { message: `Kafka did not answer while ${doing}: ${message}`, cause })
}
