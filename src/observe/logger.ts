/** What the engine logs through. `console` and pino fit as they are. Row values and secrets are never passed. */
export interface Logger {
  debug(message: string, detail?: object): void
  info(message: string, detail?: object): void
  warn(message: string, detail?: object): void
  error(message: string, detail?: object): void
}

/** The default: a library does not print. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
