import type { JsonValue } from '../../event/position.ts'

/**
 * The one text of a value: keys sorted by UTF-16 code units, two spaces of indentation, no member that is undefined.
 * Equal values have equal texts, so that comparing texts compares values.
 */
export function canonicalJson(value: JsonValue, indent: string = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  if (isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => inner + canonicalJson(item, inner)).join(',\n')}\n${indent}]`
  }
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key]
      return member === undefined ? [] : [`${inner}${JSON.stringify(key)}: ${canonicalJson(member, inner)}`]
    })
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`
}

// Array.isArray does not narrow readonly arrays.
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
