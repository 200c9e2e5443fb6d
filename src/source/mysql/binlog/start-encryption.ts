/*
  Start_encryption => uint8 scheme (1), uint32 version of the key, 12 bytes of nonce. The server decrypts what it sends.
  https://mariadb.com/kb/en/start_encryption_event/
*/
import { EventReader } from './event-reader.ts'

const NONCE_BYTES = 12

export function readStartEncryption(bytes: Buffer, start: number, end: number): { readonly scheme: number; readonly keyVersion: number } {
  const reader = new EventReader('Start_encryption', bytes, start, end)
  const scheme = reader.uint8()
  const keyVersion = reader.uint32()
  reader.skip(NONCE_BYTES)
  reader.expectEnd()
  return { scheme, keyVersion }
}
