/** Takes secrets out of a text. Errors and log lines have none; this is the second lock on that door. */
export type Redact = (text: string) => string

const MASK = '***'
/** `scheme://user:password@` */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@]*@/gi

/**
 * Masks passwords in URLs and every one of these secrets. One that is also public (the same word as the user's or the
 * database's name, for example) would make messages unreadable without hiding anything: it is left.
 */
export function redaction(secrets: readonly (string | undefined)[], open: readonly (string | undefined)[]): Redact {
  const hidden = secrets.filter((secret): secret is string => secret !== undefined && secret !== '' && !open.includes(secret))
  const forms = hidden.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
  // The longest first: one may be a part of another.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, MASK), text.replace(URL_PASSWORD, `$1:${MASK}@`))
}
