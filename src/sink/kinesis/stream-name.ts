import { TailraceError } from '../../error/tailrace-error.ts'

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
const NAME = /^[a-zA-Z0-9_.-]{1,128}$/
const ARN = /^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\/[a-zA-Z0-9_.-]{1,128}$/

export function isStreamName(stream: string): boolean {
  return NAME.test(stream) || ARN.test(stream)
}

/** How a request says which stream is meant. */
export function addressOf(stream: string): { readonly StreamName: string } | { readonly StreamARN: string } {
  return stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }
}

/** The stream of a destination. Errors: TR_CONFIG_INVALID. */
export function checkedStream(destination: string, stream: string): string {
  if (typeof stream === 'string' && isStreamName(stream)) return stream
  throw new TailraceError('TR_CONFIG_INVALID', {
    message: `The destination ${destination} has no stream: ${JSON.stringify(stream)} is neither a stream’s name nor an ARN`,
    where: { destination }, remedy: 'Give the option stream, a function that names a stream for each destination',
  })
}
