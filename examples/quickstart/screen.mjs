// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { styleText } from 'node:util'

const colours = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const hurry = process.argv.includes('--fast') || process.stdout.isTTY !== true

/** @type {Record<string, [sign: string, colour: Parameters<typeof styleText>[0]]>} */
const SIGNS = { c: ['+', 'green'], u: ['~', 'yellow'], d: ['-', 'red'] }

/**
 * @param {Parameters<typeof styleText>[0]} style
 * @param {string} text
 */
export function paint(style, text) {
  return colours ? styleText(style, text) : text
}

/** A moment to read; none with --fast, and none where nobody watches. */
export async function pause(/** @type {number} */ milliseconds) {
  if (!hurry) await delay(milliseconds)
}

let step = 0
/** @param {string} title */
export function heading(title) {
  console.log(`\n${paint('bold', `${++step}  ${title}`)}`)
}

/** @param {string} text */
export function say(text) {
  console.log(`   ${text}`)
}

/** @param {readonly import('./verify.mjs').Received[]} changes */
export function show(changes) {
  for (const { op, table, row } of changes) {
    const [sign, colour] = SIGNS[op] ?? ['=', 'gray']
    const columns = Object.entries(row).map(([name, value]) => `${name}=${String(value)}`)
    say(`${paint(colour, `${sign} ${table.padEnd(12)}`)}${columns.join(' ')}`)
  }
}

/** @param {number} count */
export function number(count) {
  return count.toLocaleString('en').replaceAll(',', ' ')
}
