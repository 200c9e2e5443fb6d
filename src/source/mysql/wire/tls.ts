import { existsSync, readFileSync } from 'node:fs'
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, TLSSocket } from 'node:tls'
import { TailraceError } from '../../../error/tailrace-error.ts'
import type { ResolvedConnection } from '../connection.ts'

/** `mysql2`'s option `ssl`. */
export interface SslOptions {
  readonly minVersion: 'TLSv1.2'
  readonly rejectUnauthorized: boolean
  readonly verifyIdentity: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export function sslOptions(to: ResolvedConnection): SslOptions {
  const ca = pem(to.sslCa)
  const cert = pem(to.sslCert)
  const key = pem(to.sslKey)
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: to.sslMode === 'verify_ca' || to.sslMode === 'verify_identity',
    verifyIdentity: to.sslMode === 'verify_identity',
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }),
  }
}

/**
 * `mysql2` gives `tls.connect` no name where the host is an address, and Node then checks the certificate against the name that the
 * socket was connected to, or against `localhost`. A socket that was connected to an address remembers none: this makes it.
 */
export function rememberHost(socket: Socket, host: string): void {
  if (isIP(host) !== 0) (socket as unknown as { _host: string })._host = host
}

/** The certificate once more, against what was asked for: nothing is sent to another server, whatever Node and `mysql2` took the name for. Errors: TR_MYSQL_TLS. */
export function checkIdentity(socket: Socket, to: ResolvedConnection): void {
  if (to.sslMode !== 'verify_identity') return
  const failure = socket instanceof TLSSocket ? checkServerIdentity(to.host, socket.getPeerCertificate(true)) : new Error('the connection is not encrypted')
  if (failure !== undefined) throw new TailraceError('TR_MYSQL_TLS', { message: `The certificate is not the one of ${to.host}: ${failure.message}`, where: { host: to.host } })
}

/** PEM text as it is, otherwise a path; read on every connect, so that rotated certificates are picked up. */
function pem(value: string | undefined): string | undefined {
  if (value === undefined || value.includes('-----BEGIN')) return value
  if (!existsSync(value)) throw new TailraceError('TR_MYSQL_TLS', { message: `The certificate file ${value} does not exist`, where: { file: value } })
  return readFileSync(value, 'utf8')
}
