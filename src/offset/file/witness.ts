import { constants } from 'node:fs'
import { lstat, open, unlink, type FileHandle } from 'node:fs/promises'
import net from 'node:net'

/**
 * A listening socket in the lock's folder. In a container the pid of a lock says nothing to the container started after
 * it: another PID namespace. A socket does, within one kernel: it refuses connections from the moment its process is
 * gone, however it went (unix(7)).
 */
export interface Witness extends AsyncDisposable {
  readonly mark: WitnessMark
}

/** Names the socket beyond doubt: a place can show another file system's file of the same name, but not with the same numbers. */
export interface WitnessMark {
  readonly name: string
  readonly device: string
  readonly inode: string
}

// sun_path of unix(7), with the terminating zero byte; Node cuts off silently what is longer.
const MAX_SOCKET_PATH = 107

/** Undefined where the folder cannot hold a socket (some network and shared file systems) or the name is too long. */
export async function openWitness(folder: string, name: string): Promise<Witness | undefined> {
  const server = net.createServer((connection) => connection.destroy())
  // A connection that could not be accepted (no descriptor left): to whoever asked, the process lives all the same.
  server.on('error', () => {})
  let dir: FileHandle | undefined
  try {
    const opened = (dir = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY))
    await listen(server, socketPath(opened.fd, name))
    server.unref()
    const { dev, ino } = await lstat(`${folder}/${name}`, { bigint: true })
    return {
      mark: { name, device: String(dev), inode: String(ino) },
      async [Symbol.asyncDispose]() {
        // Closing removes the socket by its path, which goes through the folder's descriptor: that one is closed last.
        await new Promise<void>((resolve) => server.close(() => resolve()))
        await opened.close()
      },
    }
  } catch {
    server.close()
    await unlink(`${folder}/${name}`).catch(() => {})
    await dir?.close()
    return undefined
  }
}

/** Is the process behind the socket gone? `unknown` where that cannot be proven: the caller knows that it is the same kernel. */
export async function askWitness(folder: string, mark: WitnessMark): Promise<'alive' | 'dead' | 'unknown'> {
  try {
    await using dir = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    const { dev, ino } = await lstat(`${folder}/${mark.name}`, { bigint: true })
    if (String(dev) !== mark.device || String(ino) !== mark.inode) return 'unknown'
    const refusal = await connect(socketPath(dir.fd, mark.name))
    if (refusal === undefined) return 'alive'
    return refusal === 'ECONNREFUSED' ? 'dead' : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Through the descriptor, because paths of sockets are short and folders' paths are not. */
function socketPath(dir: number, name: string): string {
  const path = `/proc/self/fd/${dir}/${name}`
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH || name.includes('/')) throw new RangeError('the name of the socket is too long')
  return path
}

function listen(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // exclusive: a worker of node:cluster would otherwise have its parent listen, whose death is another one.
    server.listen({ path, exclusive: true }, resolve)
  })
}

function connect(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = net.connect({ path })
    connection.once('connect', () => {
      connection.destroy()
      resolve(undefined)
    })
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
  })
}
