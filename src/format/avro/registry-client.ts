import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { systemClock } from '../../time/clock.ts'
import type { RegistryOptions } from './options.ts'
import { addressesOf, credentialsOf, type RegistryAddress } from './registry-address.ts'
import { gaveUp, idIn, isPassing, PassingAnswer, tlsProblem, type About } from './registry-answer.ts'
import { exchangeByFetch, exchangeByTls, type Exchange, type RegistryResponse } from './registry-exchange.ts'

/** What is asked of a registry. Errors: TR_AVRO_REGISTRY… and what the answers mean. */
export interface RegistryClient {
  /** The id of the schema under this subject, registered if it is not there. */
  register(subject: string, schema: string, about: About, signal: AbortSignal): Promise<number>
  /** The id of the schema, which must be there. */
  lookUp(subject: string, schema: string, about: About, signal: AbortSignal): Promise<number>
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

const NUMBERS = ['timeoutMs', 'maxRetries', 'retryDelayMs', 'maxRetryDelayMs'] as const

/** A client of Confluent's API. @throws TailraceError TR_CONFIG_INVALID for addresses and numbers that are none. */
export function registryClient(options: RegistryOptions): RegistryClient {
  const wrong = NUMBERS.filter((name) => options[name] !== undefined && !(Number.isSafeInteger(options[name]) && options[name] >= (name === 'timeoutMs' ? 1 : 0)))
  if (wrong.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: `Not whole numbers of at least 0 (timeoutMs: 1): ${wrong.map((name) => `registry.${name}`).join(', ')}`, where: { option: `registry.${wrong[0]!}` } })
  return new ConfluentClient(options)
}

class ConfluentClient implements RegistryClient {
  private readonly addresses: readonly RegistryAddress[]
  /** The address that answered last: the others are tried after it. */
  private current = 0
  private readonly exchange: Exchange
  private readonly secureExchange: Exchange
  private readonly headers: Readonly<Record<string, string>>
  private readonly timeoutMs: number
  private readonly maxRetries: number
  private readonly retryDelayMs: number
  private readonly maxRetryDelayMs: number

  constructor(options: RegistryOptions) {
    this.addresses = addressesOf(options)
    this.exchange = exchangeByFetch
    this.secureExchange = options.tls === undefined ? exchangeByFetch : exchangeByTls(options.tls)
    this.headers = { Accept: `${CONTENT_TYPE}, application/json`, 'Content-Type': CONTENT_TYPE, ...options.headers }
    this.timeoutMs = options.timeoutMs ?? 10_000
    this.maxRetries = options.maxRetries ?? 3
    this.retryDelayMs = options.retryDelayMs ?? 500
    this.maxRetryDelayMs = options.maxRetryDelayMs ?? 10_000
  }

  async register(subject: string, schema: string, about: About, signal: AbortSignal): Promise<number> {
    return await this.ask(`/subjects/${encodeURIComponent(subject)}/versions`, schema, about, signal)
  }

  async lookUp(subject: string, schema: string, about: About, signal: AbortSignal): Promise<number> {
    return await this.ask(`/subjects/${encodeURIComponent(subject)}`, schema, about, signal)
  }

  /** At every address, and all of them again after a wait, until one answers. */
  private async ask(path: string, schema: string, about: About, signal: AbortSignal): Promise<number> {
    const body = JSON.stringify({ schema })
    for (let round = 0; ; round++) {
      let failure: unknown
      let wait = 0
      let where = ''
      for (let turn = 0; turn < this.addresses.length; turn++) {
        const address = this.addresses[this.current]!
        where = address.base
        const credentials = await credentialsOf(address.auth)
        try {
          const response = await this.send(address, path, body, credentials?.header, signal)
          if (!isPassing(response.status)) return idIn(response, about, where, credentials?.secrets ?? [])
          failure = new PassingAnswer(response.status)
          wait = Math.max(wait, secondsIn(response) * 1000)
        } catch (error) {
          signal.throwIfAborted()
          if (error instanceof TailraceError) throw error
          failure = error
        }
        this.current = (this.current + 1) % this.addresses.length
      }
      if (round >= this.maxRetries || tlsProblem(failure) !== undefined) throw gaveUp(failure, about, where, (round + 1) * this.addresses.length)
      await this.rest(round, wait, signal)
    }
  }

  private async send({ base, secure }: RegistryAddress, path: string, body: string, authorization: string | undefined, signal: AbortSignal): Promise<RegistryResponse> {
    const headers = authorization === undefined ? this.headers : { ...this.headers, Authorization: authorization }
    const limited = AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)])
    return await (secure ? this.secureExchange : this.exchange)({ url: base + path, body, headers }, limited)
  }

  /** Half of the wait is by chance, so that engines that lost the same registry do not come back together. */
  private async rest(round: number, asked: number, signal: AbortSignal): Promise<void> {
    const ceiling = Math.min(this.maxRetryDelayMs, this.retryDelayMs * 2 ** Math.min(round, 30))
    const own = ceiling / 2 + (ceiling / 2) * Math.random()
    await pause(Math.min(this.maxRetryDelayMs, Math.max(own, asked)), systemClock, signal)
    signal.throwIfAborted()
  }
}

/** `Retry-After` in seconds; a date is left to the own wait. */
function secondsIn({ retryAfter }: RegistryResponse): number {
  return retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : 0
}
