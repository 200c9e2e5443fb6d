/** An object literal beyond this is a dictionary to V8, and its code is never worth to be optimised. */
const MOST_PROPERTIES = 256

/** What the code of an object literal may name beside its parameters. */
export type Scope = Readonly<Record<string, unknown>>

/**
 * Compiles `(parameters) => ({ name: value, … })` (docs/decision/0024-rows-are-made-by-compiled-code.md). `names` may come from anywhere, and may be
 * `__proto__`; all else is code. Undefined where Node is not allowed to make code from text, or where there are too many names.
 */
export function compileLiteral<Make>(names: readonly string[], value: (index: number) => string, parameters: readonly string[], scope: Scope): Make | undefined {
  if (names.length > MOST_PROPERTIES) return undefined
  const members = names.map((name, index) => `${propertyName(name)}: ${value(index)}`)
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    return (new Function(...Object.keys(scope), `return (${parameters.join(', ')}) => ({ ${members.join(',\n')} })`) as (...values: unknown[]) => Make)(...Object.values(scope))
  } catch (error) {
    // --disallow-code-generation-from-strings
    if (error instanceof EvalError) return undefined
    throw error
  }
}

/** In brackets it is a property; without, it would be the object's prototype. */
function propertyName(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
}
