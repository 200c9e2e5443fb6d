import { describeTally, type Tally } from './difference.ts'

/** What a suite of goldens says at its end: how many matched, those that did not, and what was excused. */
export function report(what: string, where: string, outcome: ReadonlyMap<string, string>, tally: Tally, more: readonly string[] = []): string {
  const failed = [...outcome].filter(([, difference]) => difference !== '')
  return `\n${[
    `${what}: matched ${outcome.size - failed.length} of ${outcome.size} (${where})`,
    ...failed.map(([name, difference]) => `  differs: ${name}: ${difference.split('\n').slice(0, 2).join(' ').slice(0, 160)}`),
    ...describeTally(tally).map((line) => `  excused by docs/differences.md, ${line}`),
    ...more.map((line) => `  ${line}`),
  ].join('\n')}\n`
}
