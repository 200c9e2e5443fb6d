/** What JSON.parse gave, as what it has to be. Each throws a TypeError that names the member. */
export function object(value: unknown, member: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${member} is not an object`)
  return value as Readonly<Record<string, unknown>>
}

export function list(value: unknown, member: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${member} is not a list`)
  return value
}

export function text(value: unknown, member: string): string {
  if (typeof value !== 'string') throw new TypeError(`${member} is not a text`)
  return value
}

/** Undefined where it is missing or null. */
export function optionalText(value: unknown, member: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, member)
}

export function optionalInteger(value: unknown, member: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (!Number.isSafeInteger(value)) throw new TypeError(`${member} is not an integer`)
  return value as number
}

export function flag(value: unknown, member: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${member} is neither true nor false`)
  return value
}
