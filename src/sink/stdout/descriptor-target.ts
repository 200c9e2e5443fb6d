import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { untilAborted, writeError, type ByteTarget } from './byte-target.ts'
import { StreamTarget } from './stream-target.ts'

/** Standard input, output and error: the process's, not the sink's to close. */
const LAST_STANDARD = 2

/**
 * Chooses how a file descriptor is written to.
 *
 * A pipe or socket becomes a net.Socket, which writes without blocking and waits for room with the event loop. Neither of the simpler
 * ways is right: `process.stdout` writes to pipes synchronously (https://nodejs.org/docs/latest-v20.x/api/process.html, "A note on
 * process I/O"), so a slow reader would stop the event loop, and with it the replies that keep the replication connection alive; and
 * `fs.write` would hold a thread of the pool for as long as the reader is slow, which the process's end then waits for, or, where
 * somebody made the pipe non-blocking, fail with EAGAIN and have no way to learn when there is room.
 *
 * Files, devices and terminals cannot be waited for and take what they get, so they are written to by the thread pool.
 */
export function descriptorTarget(descriptor: number): ByteTarget {
  try {
    const status = fstatSync(descriptor)
    return status.isFIFO() || status.isSocket() ? new PipeTarget(descriptor) : new FileTarget(descriptor)
  } catch (error) {
    throw writeError(error)
  }
}

class PipeTarget implements ByteTarget {
  private readonly descriptor: number
  private readonly socket: Socket
  private readonly target: StreamTarget
  private writing = false

  constructor(descriptor: number) {
    this.descriptor = descriptor
    this.socket = new Socket({ fd: descriptor, readable: false, writable: true })
    this.target = new StreamTarget(this.socket, false)
  }

  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    this.writing = true
    await this.target.write(bytes, signal)
    this.writing = false
  }

  /** A write that nobody waits for any more would keep the process alive, so then even standard output is closed. */
  close(): void {
    if (this.writing || this.descriptor > LAST_STANDARD) this.socket.destroy()
  }
}

/** Waits between attempts where a terminal was made non-blocking, milliseconds. */
const RETRY = 5

class FileTarget implements ByteTarget {
  private readonly descriptor: number

  constructor(descriptor: number) {
    this.descriptor = descriptor
  }

  async write(bytes: Buffer, signal: AbortSignal): Promise<void> {
    let start = 0
    while (start < bytes.length) {
      signal.throwIfAborted()
      start += await untilAborted(this.writeSome(bytes, start), signal)
    }
  }

  /** It was opened by somebody else. */
  close(): void {}

  private writeSome(bytes: Buffer, start: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.descriptor, bytes, start, bytes.length - start, null, (error, written) => {
        if (error === null) resolve(written)
        else if (error.code === 'EAGAIN') setTimeout(RETRY, 0).then(resolve, reject)
        else reject(writeError(error))
      })
    })
  }
}
