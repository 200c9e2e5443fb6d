import { isTailraceError, type TailraceError } from '../error/tailrace-error.ts'
import type { Engine } from '../engine/engine.ts'
import type { StatusStyle } from './command-line.ts'
import type { Redact } from './redaction.ts'
import type { Output } from './surroundings.ts'

/** Tells the life cycle of a command on standard error. */
export class Status {
  readonly #output: Output
  readonly #style: StatusStyle
  readonly #redact: Redact

  constructor(output: Output, style: StatusStyle, redact: Redact) {
    this.#output = output
    this.#style = style
    this.#redact = redact
  }

  /** Tells what an engine does, but its end. */
  follow(engine: Engine): void {
    engine.on('warning', (error) => this.warning(error))
    engine.on('retry', ({ attempt, delayMs, error }) => {
      if (this.#style === 'json') this.#line({ retry: { attempt, delayMs, ...error.toJSON() } })
      else this.#text(`${told(error)}\n  trying again in ${delayMs} ms (attempt ${attempt})`)
    })
    engine.on('state', ({ state, from }) => {
      // The end is told with what it came to.
      if (state !== 'stopped' && state !== 'failed') this.#line({ state, from })
    })
  }

  warning(error: TailraceError): void {
    this.#line({ warning: error.toJSON() })
    this.#text(`warning: ${told(error)}`)
  }

  stopped(records: number): void {
    this.#line({ state: 'stopped', records })
  }

  failed(error: unknown): void {
    const known = isTailraceError(error)
    const message = error instanceof Error ? error.message : String(error)
    this.#line({ state: 'failed', ...(known ? error.toJSON() : { message }) })
    this.#text(known ? told(error) : `unexpected error: ${message}`)
  }

  #line(status: object): void {
    if (this.#style === 'json') this.#output.write(`${JSON.stringify(status, (_, value: unknown) => (typeof value === 'string' ? this.#redact(value) : value))}\n`)
  }

  #text(text: string): void {
    if (this.#style === 'text') this.#output.write(`tailrace: ${this.#redact(text)}\n`)
  }
}

function told(error: TailraceError): string {
  return `${error.code}: ${error.message}\n  ${error.remedy}`
}
