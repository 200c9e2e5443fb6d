import { TailraceError } from '../../error/tailrace-error.ts'
import { brokerFailure, brokerVerdict } from '../broker-error.ts'
import type { SenderFailure } from '../serial-producer.ts'

/** What the library throws: codes as in its errors.js; errors of several requests hold each other's. */
interface LibraryError {
  readonly code?: string
  readonly message?: string
  /** A broker's error number. */
  readonly apiCode?: number
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT)|HOSTNAME_MISMATCH|EPROTO)/

/** An error of the library as one of ours. */
export function failureOf(error: unknown, doing: string): SenderFailure {
  if (error instanceof TailraceError) return { error, renew: false }
  const all = [...chain(error)]
  const number = all.find(({ apiCode }) => typeof apiCode === 'number' && apiCode !== 0)?.apiCode
  const tls = all.find(({ code }) => typeof code === 'string' && TLS_CODES.test(code))?.code
  const refused = all.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION')
  if (tls !== undefined) return { error: new TailraceError('TR_KAFKA_TLS', { message: `The TLS connection to Kafka failed while ${doing}: ${tls}`, where: { error: tls }, cause: error }), renew: false }
  if (refused) return { error: new TailraceError('TR_KAFKA_AUTH', { message: `Kafka refused the login while ${doing}`, cause: error }), renew: false }
  if (number === undefined) return { error: unreachable(all.at(-1)?.message ?? '', doing, error), renew: false }
  const verdict = brokerVerdict(number)
  const failure = brokerFailure(number, doing)
  const passing = verdict === 'retriable' || verdict === 'sequence' || verdict === 'transaction'
  return { error: passing ? unreachable(failure.message, doing, error) : failure, renew: verdict === 'sequence' || verdict === 'transaction' }
}

/** An error, what it consists of, and what caused it. */
function* chain(error: unknown): Generator<LibraryError> {
  if (typeof error !== 'object' || error === null) return
  const each = error as LibraryError
  yield each
  for (const part of each.errors ?? []) yield* chain(part)
  yield* chain(each.cause)
}

function unreachable(message: string, doing: string, cause: unknown): TailraceError {
  return new TailraceError('TR_KAFKA_CONNECT', { message: `Kafka did not answer while ${doing}: ${message}`, cause })
}
