// For peers that live in a Node process of their own: they measure themselves, from the first delivery to the last.
import { readFileSync } from 'node:fs'

export class Meter {
  #first
  #rows = 0

  /** @param {number} wanted rows to read */
  constructor(wanted) {
    this.wanted = wanted
  }

  /**
   * Counts a delivery. The first one starts the clock and its rows are left out: they were read before it ran.
   * @param {number} rows
   * @returns {boolean} whether all rows have come
   */
  count(rows) {
    this.#rows += rows
    this.#first ??= { rows, at: performance.now(), cpu: process.cpuUsage() }
    return this.#rows >= this.wanted
  }

  /** Prints the reading and ends the process: nothing after the last row belongs to the measurement. */
  report() {
    const first = this.#first
    if (first === undefined) throw new Error('no row came')
    const at = performance.now()
    const whole = process.cpuUsage()
    const peak = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))
    const reading = {
      rows: this.#rows - first.rows,
      seconds: (at - first.at) / 1000,
      cpuSeconds: (whole.user + whole.system - first.cpu.user - first.cpu.system) / 1e6,
      wholeSeconds: at / 1000,
      wholeCpuSeconds: (whole.user + whole.system) / 1e6,
      peakRssKiB: Number(peak?.[1]),
    }
    process.stdout.write(`${JSON.stringify(reading)}\n`, () => process.exit(0))
  }
}
