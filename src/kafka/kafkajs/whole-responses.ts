import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { gatheringWrite } from './gathered-requests.ts'

const KEEP_ALIVE_MS = 60_000
/** Every response begins with its length, an int32 that does not count itself. */
const LENGTH = 4
/** More than any response to what is asked here: fetches are for 4 MiB. */
const MAX_RESPONSE = 256 * 1024 * 1024
/** The first bytes of what a TLS listener answers to anything else: an alert, of version 3.x (RFC 8446, section 5.1). */
const TLS_ALERT = 0x1503

/**
 * Sockets as kafkajs makes them, but for two things. They hand on whole responses: a connection of kafkajs 2.2.4 keeps the beginning of
 * a response that was cut off, takes what comes over its next socket for the rest (network/connection.js, `chunks`), and never answers again.
 * And they write requests that are in several places.
 */
export const wholeResponses: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const named = isIP(host) === 0 ? { servername: host } : {}
  const socket = (ssl as typeof ssl | undefined) ? connectTls({ host, port, ...named, ...ssl }, onConnect) : connect({ host, port }, onConnect)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  const on = socket.on.bind(socket)
  const handOn = (event: string, listener: (given: Buffer) => void): Socket => on(event, event === 'data' ? assemble(socket, listener) : listener)
  socket.on = handOn as Socket['on']
  socket.write = gatheringWrite(socket)
  return socket
}

/** Collects chunks until a response is complete; several that came together are handed on together. */
export function assemble(socket: Pick<Socket, 'destroy'>, take: (responses: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  let needed = LENGTH
  return (chunk) => {
    parts.push(chunk)
    held += chunk.length
    if (held < needed) return
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts)
    let end = 0
    for (needed = LENGTH; bytes.length - end >= LENGTH; end += needed) {
      const length = bytes.readInt32BE(end)
      if (length < 0 || length > MAX_RESPONSE) {
        socket.destroy(length >>> 16 === TLS_ALERT ? Object.assign(new Error('the listener speaks TLS'), { code: 'ERR_TLS_REQUIRED' }) : new Error(`a Kafka response claims ${length} bytes`))
        return
      }
      needed = LENGTH + length
      if (bytes.length - end < needed) break
    }
    if (bytes.length - end < LENGTH) needed = LENGTH
    parts = end < bytes.length ? [bytes.subarray(end)] : []
    held = bytes.length - end
    if (end > 0) take(bytes.subarray(0, end))
  }
}
