import type avsc from 'avsc'
import { TailraceError } from '../../error/tailrace-error.ts'
import { isLegalFullName } from './avro-name.ts'
import type { NamedSchema } from './registration.ts'

type Avsc = typeof avsc
let loaded: Promise<Avsc> | undefined

/** `avsc` is an optional peer: it is loaded when the first schema is checked. */
async function loadAvsc(): Promise<Avsc> {
  try {
    return await (loaded ??= import('avsc').then((module) => (module as unknown as { default: Avsc }).default))
  } catch (cause) {
    loaded = undefined
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The package avsc is not installed', remedy: 'npm install avsc', cause })
  }
}

/**
 * Has somebody else read a schema that was composed here, before it is registered for good.
 * @throws TailraceError TR_ENGINE_INVARIANT where it is none, TR_CONFIG_INVALID where `avsc` is not installed.
 */
export async function checkSchema({ name, text }: NamedSchema, about: Readonly<Record<string, string>>): Promise<void> {
  const { parse, types } = await loadAvsc()
  // a part that begins with a digit is nothing to Java, and an error to avsc
  if (!isLegalFullName(name)) return
  try {
    parseWith(parse, types, text)
  } catch (cause) {
    // avsc compiles functions, which a process may forbid (--disallow-code-generation-from-strings)
    if (cause instanceof EvalError) return
    throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The composed schema is not valid Avro', where: about, cause })
  }
}

/** Its own long refuses defaults beyond 2^53. */
function parseWith(parse: Avsc['parse'], types: Avsc['types'], text: string): void {
  const long = types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: () => Buffer.alloc(8),
    fromJSON: Number,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'number',
    compare: () => 0,
  })
  parse(text, { typeHook: (schema: unknown) => (schema === 'long' || (schema as { type?: unknown }).type === 'long' ? long : undefined) })
}
