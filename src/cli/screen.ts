import { MultiBar, type SingleBar } from 'cli-progress'
import type { TableProgress } from '../source/source.ts'
import type { Output } from './surroundings.ts'

/** Where the lines of `tailrace tail` go. */
export interface Screen {
  /** Resolves when the lines are written; rejects when the reader is gone. */
  print(lines: readonly string[]): Promise<void>
  /** The reader of the output went away. */
  readonly abandoned: boolean
  /** How far the snapshot is. */
  progress(tables: readonly TableProgress[]): void
  /** The snapshot is over. */
  settle(): void
}

/** Lines to standard output; on a terminal with a progress bar under them while a snapshot is read. */
export function screen(stdout: Output, stderr: Output): Screen {
  return stdout.isTTY === true && stderr.isTTY === true ? new TerminalScreen(stdout, stderr) : new PlainScreen(stdout)
}

class PlainScreen implements Screen {
  readonly #output: Output
  #abandoned = false

  constructor(output: Output) {
    this.#output = output
  }

  get abandoned(): boolean {
    return this.#abandoned
  }

  async print(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    await new Promise<void>((resolve, reject) => {
      this.#output.write(`${lines.join('\n')}\n`, (error) => {
        if (error === null || error === undefined) return resolve()
        this.#abandoned = true
        reject(error)
      })
    })
  }

  progress(): void {}

  settle(): void {}
}

class TerminalScreen implements Screen {
  readonly #plain: PlainScreen
  readonly #stderr: Output
  #bars: MultiBar | undefined
  #bar: SingleBar | undefined

  constructor(stdout: Output, stderr: Output) {
    this.#plain = new PlainScreen(stdout)
    this.#stderr = stderr
  }

  get abandoned(): boolean {
    return this.#plain.abandoned
  }

  async print(lines: readonly string[]): Promise<void> {
    if (this.#bars === undefined) return this.#plain.print(lines)
    // Both are one terminal: the lines go above the bar.
    if (lines.length > 0) this.#bars.log(`${lines.join('\n')}\n`)
    this.#bars.update()
  }

  progress(tables: readonly TableProgress[]): void {
    if (tables.length === 0) return
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    const expected = tables.reduce((sum, table) => sum + Math.max(table.rows, table.done ? 0 : (table.estimatedRows ?? 0)), 0)
    const payload = { rows, done: tables.filter((table) => table.done).length, tables: tables.length }
    if (this.#bar === undefined) {
      this.#bars = new MultiBar({
        format: 'snapshot [{bar}] {percentage}%  {done} of {tables} tables, {rows} rows',
        stream: this.#stderr, clearOnComplete: true, hideCursor: true, gracefulExit: false,
      })
      this.#bar = this.#bars.create(Math.max(expected, 1), rows, payload)
    }
    this.#bar.setTotal(Math.max(expected, 1))
    this.#bar.update(rows, payload)
  }

  settle(): void {
    this.#bars?.stop()
    this.#bars = this.#bar = undefined
  }
}
