import { pause } from '../async/abort.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { Clock } from '../time/clock.ts'

const PATIENCE_MS = 5_000
const RETRY_MS = 250

/**
 * Makes a topic once there are brokers enough. A cluster that has just started answers INVALID_REPLICATION_FACTOR as well while its
 * brokers are still fenced (StripedReplicaPlacer.java, "All brokers are currently fenced"), and the protocol does not tell
 * that from more replicas than there will ever be brokers.
 */
export async function withEnoughBrokers(make: () => Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  for (const end = clock.monotonicMs() + PATIENCE_MS; ; await pause(RETRY_MS, clock, signal)) {
    try {
      return await make()
    } catch (error) {
      const tooFew = error instanceof TailraceError && error.where['error'] === 'INVALID_REPLICATION_FACTOR'
      if (!tooFew || signal.aborted || clock.monotonicMs() >= end) throw error
    }
  }
}
