/** A cell at [start, end) to a JavaScript value that keeps all of it. */
export type Decode = (bytes: Buffer, start: number, end: number) => unknown

/** One property of the objects: its name, the index of its cell, and what decodes it. */
export interface Property {
  readonly name: string
  readonly cell: number
  readonly decode: Decode
}

/** Where the cells of the row are that is being decoded. A start below zero says that there is none, and why. */
export interface Cells {
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The value in the place of a cell, by that start. */
  readonly missing: (start: number) => unknown
}

/** Makes an object of the row whose cells were located in `bytes`. */
export type MakeObject = (bytes: Buffer) => Record<string, unknown>

/** An object literal beyond this is a dictionary to V8, and its code is never worth to be optimised. */
const MOST_PROPERTIES = 256

/**
 * Objects with these properties, in their order, all of one hidden class; one that is called `__proto__` is a property like any other. Compiled to an
 * object literal (docs/decision/0024-rows-are-made-by-compiled-code.md); where Node is not allowed to make code from text, a loop does the same.
 */
export function createObjectMaker(properties: readonly Property[], cells: Cells): MakeObject {
  if (properties.length <= MOST_PROPERTIES) {
    try {
      return compileObjectMaker(properties, cells)
    } catch (error) {
      // --disallow-code-generation-from-strings
      if (!(error instanceof EvalError)) throw error
    }
  }
  return loopObjectMaker(properties, cells)
}

/** `{ "id": (s = starts[0]) < 0 ? missing(s) : d0(bytes, s, ends[0]), … }`. Names are the only text from outside, and stand as JSON strings do. */
function compileObjectMaker(properties: readonly Property[], { starts, ends, missing }: Cells): MakeObject {
  const decoders = properties.map((_, index) => `d${index}`)
  const members = properties.map(({ name, cell }, index) => `${propertyName(name)}: (s = starts[${cell}]) < 0 ? missing(s) : d${index}(bytes, s, ends[${cell}])`)
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function('starts', 'ends', 'missing', ...decoders, `let s\nreturn (bytes) => ({ ${members.join(',\n')} })`) as (...parts: unknown[]) => MakeObject
  return make(starts, ends, missing, ...properties.map(({ decode }) => decode))
}

/** In brackets it is a property; without, it would be the object's prototype. */
function propertyName(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
}

/** The same, without compiled code. */
export function loopObjectMaker(properties: readonly Property[], { starts, ends, missing }: Cells): MakeObject {
  // copied for each row: to assign to a `__proto__` that an object does not have would set its prototype
  const template = Object.fromEntries(properties.map(({ name }) => [name, null]))
  return (bytes) => {
    const object: Record<string, unknown> = { ...template }
    for (const { name, cell, decode } of properties) {
      const start = starts[cell]!
      object[name] = start < 0 ? missing(start) : decode(bytes, start, ends[cell]!)
    }
    return object
  }
}
