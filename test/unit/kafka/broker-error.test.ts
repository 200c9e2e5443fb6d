import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/error/code.ts'
import { brokerErrorName, brokerFailure, brokerVerdict } from '../../../src/kafka/broker-error.ts'

const ALL = Array.from({ length: 135 }, (_, index) => index - 1)
const OPEN = ['retriable', 'sequence', 'fenced', 'transaction']

describe('a broker’s error', () => {
  it('has a name and a verdict that is one of ours', () => {
    for (const code of ALL) expect([...OPEN, ...Object.keys(ERROR_CODES)]).toContain(brokerVerdict(code))
    expect(brokerErrorName(10)).toBe('MESSAGE_TOO_LARGE')
    expect(brokerErrorName(117)).toBe('error 117')
  })

  it('that nobody knows may pass', () => expect(brokerVerdict(30_000)).toBe('retriable'))

  it.each([[10, 'TR_KAFKA_RECORD_TOO_LARGE'], [17, 'TR_KAFKA_TOPIC_INVALID'], [29, 'TR_KAFKA_AUTHORIZATION'], [53, 'TR_KAFKA_AUTHORIZATION'], [58, 'TR_KAFKA_AUTH'], [35, 'TR_KAFKA_VERSION'], [87, 'TR_KAFKA_REJECTED'], [32, 'TR_KAFKA_REJECTED'], [33, 'TR_KAFKA_AUTH'], [76, 'TR_KAFKA_COMPRESSION'], [90, 'TR_KAFKA_FENCED'], [47, 'TR_KAFKA_FENCED'], [48, 'TR_KAFKA_TRANSACTION'], [45, 'TR_KAFKA_UNAVAILABLE'], [6, 'TR_KAFKA_CONNECT']] as const)('%d stops with %s', (code, expected) => {
    const error = brokerFailure(code, 'taking records', { topic: 't' })
    expect(error.code).toBe(expected)
    expect(error.where).toMatchObject({ topic: 't', error: brokerErrorName(code) })
    expect(error.message).toContain(brokerErrorName(code))
  })

  it('that ends a producer is never taken for one that passes', () => {
    // what goes on after one of these with the same sequence numbers would lose or repeat records
    for (const code of [45, 59]) expect(brokerVerdict(code)).toBe('sequence')
    for (const code of [47, 90]) expect(brokerVerdict(code)).toBe('fenced')
    for (const code of [48, 49, 120]) expect(brokerVerdict(code)).toBe('transaction')
  })
})
