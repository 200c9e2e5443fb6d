// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * What the engine's process has told so far.
 * @typedef {object} Told
 * @property {number} count Events handled.
 * @property {string} [state]
 * @property {boolean} [halted] It stands in the middle of a batch.
 * @property {number} [inFlight] Events of that batch.
 * @property {string} [stored] The position it has stored.
 * @property {readonly import('./verify.mjs').Received[]} [changes] Of a small batch.
 */

/** The engine in a process of its own, and what it tells. */
export class EngineProcess {
  #child
  #ended
  #heardOut
  /** @type {Told} */
  told = { count: 0 }
  /** @type {() => void} */
  #heard = () => {}

  /**
   * @param {string} script Beside this file.
   * @param {Record<string, string>} environment
   * @param {(changes: NonNullable<Told['changes']>) => void} [show]
   */
  constructor(script, environment, show = () => {}) {
    this.#child = fork(fileURLToPath(new URL(script, import.meta.url)), { env: { ...process.env, ...environment }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#ended = once(this.#child, 'exit')
    this.#heardOut = once(this.#child, 'disconnect')
    this.#child.on('message', (/** @type {Partial<Told>} */ message) => {
      this.told = { ...this.told, ...message }
      if (message.changes !== undefined) show(message.changes)
      this.#heard()
    })
  }

  get pid() {
    return this.#child.pid
  }

  /**
   * Waits until what it has told fits; fails when it ends before.
   * @param {(told: Told) => boolean} reached
   */
  async until(reached) {
    while (!reached(this.told)) {
      const heard = new Promise((resolve) => (this.#heard = () => resolve(undefined)))
      const ended = await Promise.race([heard, this.#ended])
      if (ended !== undefined) throw new Error(`The engine’s process ended with ${ended.join(' ')}`)
    }
    return this.told
  }

  /** It will stand still after so many more events, half-way through a batch. */
  haltAfter(/** @type {number} */ events) {
    this.#child.send({ haltAfter: events })
  }

  /** No good-bye, no last save, no chance to tidy up. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async stop() {
    this.#child.send({ stop: true })
    const [code] = await this.#ended
    // what it said last may come behind its end
    await this.#heardOut
    if (code !== 0) throw new Error(`The engine’s process ended with ${String(code)}`)
  }
}
