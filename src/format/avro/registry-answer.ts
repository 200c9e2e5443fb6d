import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { RegistryResponse } from './registry-exchange.ts'

/** What a request is about: the subject, and where there are the table and the first event of the schema. */
export type About = Readonly<Record<string, string>>

const UNKNOWN_SUBJECT = 40401
const UNKNOWN_SCHEMA = 40403
const INVALID_SCHEMA = 42201
/** What a registry says is cut: it may repeat whole schemas. */
const MAX_SAID = 500

/** The schema's id, or the error that the answer means (docs.confluent.io, Schema Registry API reference). */
export function idIn({ status, text }: RegistryResponse, about: About, where: string, secrets: readonly string[]): number {
  const { id, error_code: code, message } = parsed(text)
  if (status === 200 && typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0x7fffffff) return id
  const said = `HTTP ${status}${typeof code === 'number' && code !== status ? `, ${code}` : ''}${typeof message === 'string' ? `: ${without(secrets, message)}` : ''}`
  const place = { ...about, registry: where, status, ...(typeof code === 'number' ? { errorCode: code } : {}) }
  const schema = `the schema of ${about['table']} for subject "${about['subject']}"`
  if (status === 401 || status === 403) throw new TailraceError('TR_AVRO_REGISTRY_AUTH', { message: `The schema registry at ${where} refused ${schema} (${said})`, where: place })
  if (status === 409) throw new TailraceError('TR_AVRO_INCOMPATIBLE', { message: `From event ${about['event']} on, ${schema} is not compatible with what is registered (${said})`, where: place })
  if (status === 404 && (code === UNKNOWN_SUBJECT || code === UNKNOWN_SCHEMA)) throw new TailraceError('TR_AVRO_SCHEMA_MISSING', { message: `There is no ${schema.replace('the ', '')} (${said})`, where: place })
  if (status === 422 && (code === undefined || code === INVALID_SCHEMA || code === status)) throw new TailraceError('TR_AVRO_SCHEMA_INVALID', { message: `The schema registry refused ${schema} (${said})`, where: place })
  throw new TailraceError('TR_AVRO_REGISTRY_ANSWER', { message: `The schema registry at ${where} gave no id for ${schema} (${said})`, where: place })
}

/** Answers after which the same request may succeed: too many requests, and what the server blames itself for. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** The error after the last attempt. `failure`: an answer of such a kind, or what the transport said. */
export function gaveUp(failure: unknown, about: About, where: string, attempts: number): TailraceError {
  if (isTailraceError(failure)) return failure
  const subject = about['subject']!
  const place = { ...about, registry: where, attempts }
  const tls = tlsProblem(failure)
  if (tls !== undefined) return new TailraceError('TR_AVRO_REGISTRY_TLS', { message: `No TLS connection to the schema registry at ${where}: ${tls}`, where: place, cause: failure })
  return new TailraceError('TR_AVRO_REGISTRY', { message: `The schema registry at ${where} did not answer for subject "${subject}" (${reasonOf(failure)})`, where: place, cause: failure })
}

/** An answer that {@link isPassing}. */
export class PassingAnswer extends Error {
  readonly status: number

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.status = status
  }
}

/** `node:tls`: error codes of certificates (OpenSSL's names), and of the handshake. */
export function tlsProblem(failure: unknown): string | undefined {
  const code = codeOf(failure)
  return code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO/.test(code) ? code : undefined
}

function reasonOf(failure: unknown): string {
  return codeOf(failure) ?? (failure instanceof Error ? (failure.name === 'Error' || failure.name === 'TypeError' ? failure.message : failure.name) : 'unknown')
}

/** `fetch` says "fetch failed" and puts the reason into `cause`. */
function codeOf(failure: unknown): string | undefined {
  for (let error = failure; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return undefined
}

function parsed(text: string): { id?: unknown; error_code?: unknown; message?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function without(secrets: readonly string[], text: string): string {
  const clean = secrets.filter((secret) => secret !== '').reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  return clean.length > MAX_SAID ? `${clean.slice(0, MAX_SAID)}…` : clean
}
