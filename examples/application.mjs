// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** An example's application, in a process of its own: so that it can be killed. */
export class Application {
  #child
  #ended
  /** @type {Set<unknown>} */
  #said = new Set()

  /**
   * @param {URL} script
   * @param {Record<string, string>} environment
   */
  constructor(script, environment) {
    const child = (this.#child = fork(fileURLToPath(script), { env: { ...process.env, ...environment } }))
    this.#ended = once(child, 'exit')
    child.on('message', (message) => this.#said.add(message))
    process.once('exit', () => child.kill('SIGKILL'))
  }

  /**
   * Waits for a message; fails when it ends before.
   * @param {string} message
   */
  async said(message) {
    while (!this.#said.has(message)) {
      const ended = await Promise.race([once(this.#child, 'message').then(() => undefined), this.#ended])
      if (ended !== undefined) throw new Error(`The application ended with ${ended.join(' ')}`)
    }
  }

  /** No good-bye, no last save, no chance to tidy up. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async stop() {
    this.#child.kill('SIGTERM')
    const [code] = await this.#ended
    if (code !== 0) throw new Error(`The application ended with ${String(code)}`)
  }
}
