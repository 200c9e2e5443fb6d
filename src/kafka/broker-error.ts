import { TailraceError } from '../error/tailrace-error.ts'
import type { ErrorCode } from '../error/code.ts'

/**
 * What a broker's error code means for whoever asked.
 * `retriable`: the same request may succeed later. `sequence`: the broker no longer knows this producer's sequence numbers.
 * `fenced`: another producer has taken this transactional id, or the transaction took too long.
 * `transaction`: the transaction cannot go on. Anything else is an error of ours.
 */
export type BrokerVerdict = 'retriable' | 'sequence' | 'fenced' | 'transaction' | ErrorCode

interface BrokerError {
  readonly name: string
  readonly verdict: BrokerVerdict
}

/** https://kafka.apache.org/protocol.html#protocol_error_codes: those that requests of a producer can be answered with. */
const BROKER_ERRORS: Readonly<Record<number, BrokerError>> = {
  2: { name: 'CORRUPT_MESSAGE', verdict: 'retriable' },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', verdict: 'retriable' },
  5: { name: 'LEADER_NOT_AVAILABLE', verdict: 'retriable' },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', verdict: 'retriable' },
  7: { name: 'REQUEST_TIMED_OUT', verdict: 'retriable' },
  8: { name: 'BROKER_NOT_AVAILABLE', verdict: 'retriable' },
  9: { name: 'REPLICA_NOT_AVAILABLE', verdict: 'retriable' },
  10: { name: 'MESSAGE_TOO_LARGE', verdict: 'TR_KAFKA_RECORD_TOO_LARGE' },
  13: { name: 'NETWORK_EXCEPTION', verdict: 'retriable' },
  14: { name: 'COORDINATOR_LOAD_IN_PROGRESS', verdict: 'retriable' },
  15: { name: 'COORDINATOR_NOT_AVAILABLE', verdict: 'retriable' },
  16: { name: 'NOT_COORDINATOR', verdict: 'retriable' },
  17: { name: 'INVALID_TOPIC_EXCEPTION', verdict: 'TR_KAFKA_TOPIC_INVALID' },
  18: { name: 'RECORD_LIST_TOO_LARGE', verdict: 'TR_KAFKA_RECORD_TOO_LARGE' },
  19: { name: 'NOT_ENOUGH_REPLICAS', verdict: 'retriable' },
  20: { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', verdict: 'retriable' },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', verdict: 'TR_KAFKA_AUTHORIZATION' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED', verdict: 'TR_KAFKA_AUTHORIZATION' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', verdict: 'TR_KAFKA_AUTHORIZATION' },
  // the machine's clock is more than message.timestamp.after.max.ms ahead of the broker's
  32: { name: 'INVALID_TIMESTAMP', verdict: 'TR_KAFKA_REJECTED' },
  33: { name: 'UNSUPPORTED_SASL_MECHANISM', verdict: 'TR_KAFKA_AUTH' },
  34: { name: 'ILLEGAL_SASL_STATE', verdict: 'TR_KAFKA_AUTH' },
  35: { name: 'UNSUPPORTED_VERSION', verdict: 'TR_KAFKA_VERSION' },
  37: { name: 'INVALID_PARTITIONS', verdict: 'TR_KAFKA_TOPIC_INVALID' },
  38: { name: 'INVALID_REPLICATION_FACTOR', verdict: 'TR_KAFKA_TOPIC_INVALID' },
  40: { name: 'INVALID_CONFIG', verdict: 'TR_KAFKA_TOPIC_INVALID' },
  41: { name: 'NOT_CONTROLLER', verdict: 'retriable' },
  42: { name: 'INVALID_REQUEST', verdict: 'TR_KAFKA_REJECTED' },
  44: { name: 'POLICY_VIOLATION', verdict: 'TR_KAFKA_TOPIC_INVALID' },
  45: { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', verdict: 'sequence' },
  47: { name: 'INVALID_PRODUCER_EPOCH', verdict: 'fenced' },
  48: { name: 'INVALID_TXN_STATE', verdict: 'transaction' },
  49: { name: 'INVALID_PRODUCER_ID_MAPPING', verdict: 'transaction' },
  50: { name: 'INVALID_TRANSACTION_TIMEOUT', verdict: 'TR_CONFIG_INVALID' },
  51: { name: 'CONCURRENT_TRANSACTIONS', verdict: 'retriable' },
  53: { name: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', verdict: 'TR_KAFKA_AUTHORIZATION' },
  55: { name: 'OPERATION_NOT_ATTEMPTED', verdict: 'retriable' },
  56: { name: 'KAFKA_STORAGE_ERROR', verdict: 'retriable' },
  58: { name: 'SASL_AUTHENTICATION_FAILED', verdict: 'TR_KAFKA_AUTH' },
  59: { name: 'UNKNOWN_PRODUCER_ID', verdict: 'sequence' },
  74: { name: 'FENCED_LEADER_EPOCH', verdict: 'retriable' },
  76: { name: 'UNSUPPORTED_COMPRESSION_TYPE', verdict: 'TR_KAFKA_COMPRESSION' },
  87: { name: 'INVALID_RECORD', verdict: 'TR_KAFKA_REJECTED' },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', verdict: 'retriable' },
  90: { name: 'PRODUCER_FENCED', verdict: 'fenced' },
  120: { name: 'TRANSACTION_ABORTABLE', verdict: 'transaction' },
}

/** A produce request that was sent again after its answer was lost: the records are there. */
export const DUPLICATE_SEQUENCE = 46

export function brokerErrorName(code: number): string {
  return BROKER_ERRORS[code]?.name ?? `error ${code}`
}

/** What is not known may pass: only time tells, and time is limited by the delivery timeout. */
export function brokerVerdict(code: number): BrokerVerdict {
  return BROKER_ERRORS[code]?.verdict ?? 'retriable'
}

/** The error to stop with, or to try again after: what may pass is as transient as a broker that cannot be reached. */
export function brokerFailure(code: number, doing: string, where: Record<string, string | number> = {}): TailraceError {
  const verdict = brokerVerdict(code)
  const failed = ({ retriable: 'TR_KAFKA_CONNECT', sequence: 'TR_KAFKA_UNAVAILABLE', transaction: 'TR_KAFKA_TRANSACTION', fenced: 'TR_KAFKA_FENCED' } as const)[verdict as 'retriable'] ?? (verdict as ErrorCode)
  return new TailraceError(failed, { message: `Kafka answered ${brokerErrorName(code)} while ${doing}`, where: { ...where, error: brokerErrorName(code) } })
}
