import { compileLiteral } from './object-literal.ts'

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

/**
 * Objects with these properties, in their order, all of one hidden class; one that is called `__proto__` is a property like any other. Compiled to an object
 * literal where that can be done, otherwise a loop does the same.
 */
export function createObjectMaker(properties: readonly Property[], cells: Cells): MakeObject {
  return compileObjectMaker(properties, cells) ?? loopObjectMaker(properties, cells)
}

/** `{ "id": starts[0] < 0 ? missing(starts[0]) : d0(bytes, starts[0], ends[0]), … }` */
function compileObjectMaker(properties: readonly Property[], { starts, ends, missing }: Cells): MakeObject | undefined {
  const decoders = Object.fromEntries(properties.map(({ decode }, index) => [`d${index}`, decode]))
  const value = (index: number): string => {
    const { cell } = properties[index]!
    return `starts[${cell}] < 0 ? missing(starts[${cell}]) : d${index}(bytes, starts[${cell}], ends[${cell}])`
  }
  return compileLiteral<MakeObject>(properties.map(({ name }) => name), value, ['bytes'], { starts, ends, missing, ...decoders })
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
