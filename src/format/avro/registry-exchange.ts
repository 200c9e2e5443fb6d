import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { RegistryTls } from './options.ts'

export interface RegistryRequest {
  readonly url: string
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface RegistryResponse {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/** One request and its answer, whatever its status. Rejects where there is none, and when the signal aborts. */
export type Exchange = (request: RegistryRequest, signal: AbortSignal) => Promise<RegistryResponse>

/** Schemas are some kilobytes; what is longer is no registry's answer. */
const MAX_ANSWER = 16 * 1024 * 1024

/** A redirect is passed on as an answer: followed, a POST could become a GET. */
export const exchangeByFetch: Exchange = async ({ url, body, headers }, signal) => {
  const response = await fetch(url, { method: body === undefined ? 'GET' : 'POST', headers, redirect: 'manual', signal, ...(body === undefined ? {} : { body }) })
  return { status: response.status, retryAfter: response.headers.get('retry-after') ?? undefined, text: await response.text() }
}

/** `fetch` takes neither an authority nor a client certificate. */
export function exchangeByTls(tls: RegistryTls): Exchange {
  const { ca, ...rest } = tls
  const options = { ...rest, ...(ca === undefined ? {} : { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }) }
  return async ({ url, body, headers }, signal) => await new Promise((resolve, reject) => {
    const call = request(url, { ...options, method: body === undefined ? 'GET' : 'POST', headers, signal }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > MAX_ANSWER) call.destroy(new Error('the answer is too long'))
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, retryAfter: firstOf(response.headers, 'retry-after'), text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

function firstOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
