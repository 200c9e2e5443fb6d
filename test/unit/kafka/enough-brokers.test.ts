import { describe, expect, it } from 'vitest'
import { brokerFailure } from '../../../src/kafka/broker-error.ts'
import { withEnoughBrokers } from '../../../src/kafka/enough-brokers.ts'
import { ManualClock, settle } from '../engine/manual-clock.ts'

const INVALID_REPLICATION_FACTOR = 38
const INVALID_TOPIC = 17
const signal = new AbortController().signal

/** What comes of it within `passMs`, at a broker that answers so, so many times, and then makes the topic. */
async function outcome(code: number, times: number, passMs: number): Promise<string> {
  const clock = new ManualClock()
  let asked = 0
  let ended = 'waiting'
  const make = async (): Promise<void> => {
    if (asked++ < times) throw brokerFailure(code, 'making the topic t')
  }
  void withEnoughBrokers(make, clock, signal).then(() => (ended = 'made'), (error: { code: string }) => (ended = error.code))
  await settle()
  for (let passed = 0; passed < passMs; passed += 250) await clock.pass(250)
  return ended
}

describe('a topic is made', () => {
  it('once a cluster that has just started has brokers for it', async () => {
    expect(await outcome(INVALID_REPLICATION_FACTOR, 3, 1000)).toBe('made')
  })

  it('or not, when there are still too few after five seconds', async () => {
    expect(await outcome(INVALID_REPLICATION_FACTOR, 1000, 4750)).toBe('waiting')
    expect(await outcome(INVALID_REPLICATION_FACTOR, 1000, 5250)).toBe('TR_KAFKA_TOPIC_INVALID')
  })

  it('or not, at once, when asked for what cannot be', async () => {
    expect(await outcome(INVALID_TOPIC, 1000, 0)).toBe('TR_KAFKA_TOPIC_INVALID')
  })
})
