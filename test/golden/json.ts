/** JSON as it was written: field order, duplicate fields and the spelling of numbers are kept. */
export type Json =
  | { readonly kind: 'object'; readonly fields: Field[] }
  | { readonly kind: 'array'; readonly items: Json[] }
  | { readonly kind: 'string'; text: string }
  /** A literal, or a placeholder like `<lsn:1>` that stands for one. */
  | { readonly kind: 'number'; text: string }
  | { readonly kind: 'word'; readonly text: 'true' | 'false' | 'null' }

export interface Field {
  readonly name: string
  value: Json
}

/** Reads one JSON document. Throws SyntaxError where JSON.parse does. */
export function parseJson(text: string): Json {
  JSON.parse(text)
  return new Reader(text).value()
}

export function field(node: Json | undefined, name: string): Json | undefined {
  return node?.kind === 'object' ? node.fields.find((each) => each.name === name)?.value : undefined
}

/** The text of a string, number or word; undefined for null, objects, arrays and what is not there. */
export function scalar(node: Json | undefined): string | undefined {
  if (node === undefined || node.kind === 'object' || node.kind === 'array' || isNull(node)) return undefined
  return node.text
}

export function isNull(node: Json): boolean {
  return node.kind === 'word' && node.text === 'null'
}

/** Compact JSON; numbers as they were written. */
export function printJson(node: Json): string {
  switch (node.kind) {
    case 'object':
      return `{${node.fields.map(({ name, value }) => `${JSON.stringify(name)}:${printJson(value)}`).join(',')}}`
    case 'array':
      return `[${node.items.map(printJson).join(',')}]`
    case 'string':
      return JSON.stringify(node.text)
    case 'number':
    case 'word':
      return node.text
  }
}

// The text has been through JSON.parse, so nothing here checks it again.
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Json {
    const character = this.#next()
    if (character === '{') {
      const fields: Field[] = []
      this.#list('}', () => {
        this.#next()
        const name = this.#string()
        this.#next()
        this.#at++
        fields.push({ name, value: this.value() })
      })
      return { kind: 'object', fields }
    }
    if (character === '[') {
      const items: Json[] = []
      this.#list(']', () => items.push(this.value()))
      return { kind: 'array', items }
    }
    if (character === '"') return { kind: 'string', text: this.#string() }
    const from = this.#at
    while (this.#at < this.#text.length && !',]} \t\r\n'.includes(this.#text[this.#at]!)) this.#at++
    const text = this.#text.slice(from, this.#at)
    return text === 'true' || text === 'false' || text === 'null' ? { kind: 'word', text } : { kind: 'number', text }
  }

  #next(): string {
    while (' \t\r\n'.includes(this.#text[this.#at]!)) this.#at++
    return this.#text[this.#at]!
  }

  #list(close: string, item: () => void): void {
    this.#at++
    if (this.#next() === close) this.#at++
    else {
      for (;;) {
        item()
        const separator = this.#next()
        this.#at++
        if (separator === close) return
      }
    }
  }

  #string(): string {
    const from = this.#at++
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    this.#at++
    return JSON.parse(this.#text.slice(from, this.#at)) as string
  }
}
