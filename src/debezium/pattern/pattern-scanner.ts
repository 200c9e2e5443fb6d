/** Why an expression cannot be used, with the 0-based place in it. */
export class PatternSyntaxError extends Error {
  readonly position: number

  constructor(reason: string, position: number) {
    super(`${reason} at position ${position}`)
    this.name = 'PatternSyntaxError'
    this.position = position
  }
}

/** A place in a pattern. Moves by code points, as Java does. */
export class PatternScanner {
  readonly text: string
  #position = 0

  constructor(text: string) {
    this.text = text
  }

  get position(): number {
    return this.#position
  }

  get done(): boolean {
    return this.#position >= this.text.length
  }

  get rest(): string {
    return this.text.slice(this.#position)
  }

  /** The next code point, or the empty string at the end. */
  peek(): string {
    const code = this.text.codePointAt(this.#position)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  next(): string {
    const char = this.peek()
    this.#position += char.length
    return char
  }

  /** Moves past `expected` if it comes next. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.#position)) return false
    this.#position += expected.length
    return true
  }

  fail(reason: string, position: number = this.#position): never {
    throw new PatternSyntaxError(reason, position)
  }
}
