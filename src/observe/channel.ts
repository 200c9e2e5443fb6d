import { channel } from 'node:diagnostics_channel'

/**
 * `node:diagnostics_channel` names. Messages: state `{engine, state, from}`, batch `{engine, units, position}`, offset
 * `{engine, position}`, retry `{engine, attempt, delayMs, error}`, warning `{engine, error}`.
 */
export const CHANNELS = {
  state: 'tailrace:state',
  batch: 'tailrace:batch',
  offset: 'tailrace:offset',
  retry: 'tailrace:retry',
  warning: 'tailrace:warning',
} as const

/** Publishes when somebody listens. */
export function publish(name: keyof typeof CHANNELS, message: object): void {
  const target = channel(CHANNELS[name])
  if (target.hasSubscribers) target.publish(message)
}
