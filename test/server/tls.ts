import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ServerUnavailableError } from './binary.ts'

/** PEM files of one certificate. */
interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Everything a test of certificate checks needs; all paths are PEM files, valid for ten years. */
export interface Certificates {
  /** The authority that signed `server`, `otherHost`, `nameOnly` and `client`. */
  readonly ca: string
  /** An authority that signed none of them. */
  readonly strangerCa: string
  /** For `localhost` and 127.0.0.1. */
  readonly server: Certificate
  /** For `db.elsewhere.test` only: fails a check of the host name. */
  readonly otherHost: Certificate
  /** For `localhost` only: fails a check of its address. */
  readonly nameOnly: Certificate
  /** Common name `postgres`, for pg_hba's `cert` method. */
  readonly client: Certificate
}

/** Makes them in a folder, with the `openssl` command. Throws ServerUnavailableError where there is none. */
export function makeCertificates(dir: string): Certificates {
  mkdirSync(dir, { recursive: true })
  const ca = authority(dir, 'ca')
  const stranger = authority(dir, 'stranger-ca')
  return {
    ca: ca.cert,
    strangerCa: stranger.cert,
    server: signed(dir, ca, 'server', 'localhost', 'DNS:localhost,IP:127.0.0.1'),
    otherHost: signed(dir, ca, 'other-host', 'db.elsewhere.test', 'DNS:db.elsewhere.test'),
    nameOnly: signed(dir, ca, 'name-only', 'localhost', 'DNS:localhost'),
    client: signed(dir, ca, 'client', 'postgres', 'DNS:client.test'),
  }
}

function authority(dir: string, name: string): Certificate {
  const made = files(dir, name)
  const request = requestFor(dir, name, name, made.key)
  const extensions = path.join(dir, `${name}.ext`)
  writeFileSync(extensions, 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n')
  openssl('x509', '-req', '-in', request, '-signkey', made.key, '-days', '3650', '-extfile', extensions, '-out', made.cert)
  return made
}

function signed(dir: string, ca: Certificate, name: string, commonName: string, alternatives: string): Certificate {
  const made = files(dir, name)
  const request = requestFor(dir, name, commonName, made.key)
  const extensions = path.join(dir, `${name}.ext`)
  writeFileSync(extensions, `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n`)
  const serial = ['-CAserial', path.join(dir, 'serial'), '-CAcreateserial']
  openssl('x509', '-req', '-in', request, '-CA', ca.cert, '-CAkey', ca.key, ...serial, '-days', '3650', '-extfile', extensions, '-out', made.cert)
  return made
}

function files(dir: string, name: string): Certificate {
  return { cert: path.join(dir, `${name}.crt`), key: path.join(dir, `${name}.key`) }
}

/** A new P-256 key (milliseconds; RSA takes much longer) and a signing request for it. */
function requestFor(dir: string, name: string, commonName: string, key: string): string {
  const request = path.join(dir, `${name}.csr`)
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key)
  openssl('req', '-new', '-key', key, '-subj', `/CN=${commonName}`, '-out', request)
  return request
}

function openssl(...args: string[]): void {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ServerUnavailableError('certificates: the command "openssl" is not installed', { cause: error })
  }
}
