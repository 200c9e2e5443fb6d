import { TailraceError } from '../../error/tailrace-error.ts'
import type { ErrorCode } from '../../error/code.ts'

/** What a request failed with, and what may be done about it. */
export interface Failure {
  readonly error: TailraceError
  /** `again`: nothing is known to be wrong for good. `credentials`: they may be renewed any moment, but not for long. */
  readonly retry: 'never' | 'again' | 'credentials'
}

// the names are those of https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html and of the calls' own pages
const NAMES: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: 'TR_KINESIS_AUTH', AccessDenied: 'TR_KINESIS_AUTH', NotAuthorized: 'TR_KINESIS_AUTH', OptInRequired: 'TR_KINESIS_AUTH',
  UnrecognizedClientException: 'TR_KINESIS_AUTH', InvalidClientTokenId: 'TR_KINESIS_AUTH', InvalidSignatureException: 'TR_KINESIS_AUTH', SignatureDoesNotMatch: 'TR_KINESIS_AUTH',
  MissingAuthenticationToken: 'TR_KINESIS_AUTH', MissingAuthenticationTokenException: 'TR_KINESIS_AUTH', IncompleteSignature: 'TR_KINESIS_AUTH', IncompleteSignatureException: 'TR_KINESIS_AUTH',
  KMSAccessDeniedException: 'TR_KINESIS_AUTH',
  ResourceNotFoundException: 'TR_KINESIS_STREAM_MISSING',
  ProvisionedThroughputExceededException: 'TR_KINESIS_THROTTLED', LimitExceededException: 'TR_KINESIS_THROTTLED', KMSThrottlingException: 'TR_KINESIS_THROTTLED',
  ThrottlingException: 'TR_KINESIS_THROTTLED', Throttling: 'TR_KINESIS_THROTTLED', TooManyRequestsException: 'TR_KINESIS_THROTTLED', RequestLimitExceeded: 'TR_KINESIS_THROTTLED',
  ValidationException: 'TR_KINESIS_REJECTED', InvalidArgumentException: 'TR_KINESIS_REJECTED', SerializationException: 'TR_KINESIS_REJECTED', ResourceInUseException: 'TR_KINESIS_REJECTED',
  KMSDisabledException: 'TR_KINESIS_REJECTED', KMSInvalidStateException: 'TR_KINESIS_REJECTED', KMSNotFoundException: 'TR_KINESIS_REJECTED', KMSOptInRequired: 'TR_KINESIS_REJECTED',
}

/** Credentials that come from elsewhere: its trouble, or the moment before they are renewed. */
const RENEWABLE = new Set(['CredentialsProviderError', 'ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'TokenProviderError'])

interface SdkError {
  readonly name?: string
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly clockSkewCorrected?: boolean }
}

/** What the error of a call means. `doing` completes "while …"; what Kinesis said is left out, for it may quote keys. */
export function failureOf(cause: unknown, doing: string, stream: string | undefined): Failure {
  if (cause instanceof TailraceError) return { error: cause, retry: cause.kind === 'transient' ? 'again' : 'never' }
  const { name = 'Error', code, $metadata } = (cause ?? {}) as SdkError
  const status = $metadata?.httpStatusCode
  const where = {
    ...(stream === undefined ? {} : { stream }), error: typeof code === 'string' ? `${name} ${code}` : name,
    ...(status === undefined ? {} : { status }), ...($metadata?.requestId === undefined ? {} : { requestId: $metadata.requestId }),
  }
  if (RENEWABLE.has(name)) return { error: new TailraceError('TR_KINESIS_AUTH', { message: `No valid credentials while ${doing}: ${name}`, where, cause }), retry: 'credentials' }
  const found = codeOf(name, status, $metadata?.clockSkewCorrected === true)
  const what = status === undefined ? where.error : `${where.error}, HTTP status ${status}`
  if (found === 'TR_KINESIS_REJECTED') return { error: new TailraceError(found, { message: `Kinesis refused the request while ${doing}: ${what}`, where }), retry: 'never' }
  const error = new TailraceError(found, { message: `${WHAT_HAPPENED[found] ?? 'Kinesis failed'} while ${doing}: ${what}`, where, cause })
  return { error, retry: error.kind === 'transient' ? 'again' : 'never' }
}

const WHAT_HAPPENED: Partial<Record<ErrorCode, string>> = {
  TR_KINESIS_AUTH: 'Kinesis refused the credentials', TR_KINESIS_STREAM_MISSING: 'The stream was not found', TR_KINESIS_THROTTLED: 'Kinesis takes no more for now', TR_KINESIS_CONNECT: 'No answer came',
}

function codeOf(name: string, status: number | undefined, clockCorrected: boolean): ErrorCode {
  // the client has set its clock by the answer: the next attempt is signed with the right time
  if (clockCorrected) return 'TR_KINESIS_CONNECT'
  const named = NAMES[name]
  if (named !== undefined) return named
  if (status === 429) return 'TR_KINESIS_THROTTLED'
  if (status === 401 || status === 403) return 'TR_KINESIS_AUTH'
  // what is not known to be wrong is tried again; 408 is a request that came too slowly
  return status !== undefined && status >= 400 && status < 500 && status !== 408 ? 'TR_KINESIS_REJECTED' : 'TR_KINESIS_CONNECT'
}
