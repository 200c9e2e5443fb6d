import type { AuthenticationProviderArgs, Authenticator, Mechanism } from 'kafkajs'
import { TailraceError } from '../../error/tailrace-error.ts'

/** A message as kafkajs hands it on: four bytes of length before it. */
function framed(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/**
 * OAUTHBEARER (RFC 7628), whose refusal kafkajs's own does not notice: a broker answers a token that it does not take with a reason, and
 * waits for one more message before it fails the login (section 3.2.3). The token is asked for at each login, so also when one is renewed.
 */
export function oauthBearer(token: () => Promise<string>): Mechanism {
  return { mechanism: 'oauthbearer', authenticationProvider: ({ saslAuthenticate }) => authenticator(token, saslAuthenticate) }
}

function authenticator(token: () => Promise<string>, saslAuthenticate: AuthenticationProviderArgs['saslAuthenticate']): Authenticator {
  const exchange = async (message: string): Promise<number> => {
    const answered = await saslAuthenticate<number>({ request: { encode: () => framed(message) }, response: { decode: (answer) => answer, parse: (answer) => Math.max(0, answer.length - 4) } })
    return answered ?? 0
  }
  return {
    async authenticate() {
      const value = await token().catch((cause: unknown) => {
        throw new TailraceError('TR_KAFKA_CONNECT', { message: 'The token for Kafka cannot be had: sasl.token failed', remedy: 'See the cause', cause })
      })
      if ((await exchange(`n,,\u0001auth=Bearer ${value}\u0001\u0001`)) === 0) return
      await exchange('\u0001').catch(() => {})
      throw new TailraceError('TR_KAFKA_AUTH', { message: 'Kafka refused the login: the token is not valid, or has expired' })
    },
  }
}
