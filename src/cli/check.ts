import { createEngine } from '../create-engine.ts'
import { carryOut } from '../debezium/from-debezium.ts'
import { isTailraceError, type TailraceError } from '../error/tailrace-error.ts'
import type { Finding } from '../source/source.ts'
import type { Request } from './command-line.ts'
import { expectSink, readConfiguration, redactionOf } from './configuration.ts'
import { exitCodeOfAll, type ExitCode } from './exit-code.ts'
import { redaction, type Redact } from './redaction.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'

/** `tailrace check`: prints every finding with its fix; changes nothing anywhere. */
export async function check(request: Extract<Request, { kind: 'check' }>, surroundings: Surroundings): Promise<ExitCode> {
  let redact = redaction([], [])
  try {
    const plan = readConfiguration(request.file, request.settings, surroundings)
    redact = redactionOf(plan)
    expectSink(plan)
    const tolerated = plan.warnings.map((error): Finding => ({ level: 'warning', error }))
    const engine = createEngine({ ...carryOut(plan), sink: () => {} })
    const findings = [...tolerated, ...(await engine.preflight())]
    surroundings.stdout.write(redact(report(findings)))
    return exitCodeOfAll(findings.filter((finding) => finding.level === 'error').map((finding) => finding.error))
  } catch (error) {
    return refuse(error, redact, surroundings)
  }
}

function report(findings: readonly Finding[]): string {
  const errors = findings.filter((finding) => finding.level === 'error').length
  const warnings = findings.length - errors
  const summary = findings.length === 0 ? 'Nothing stands in the way' : `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`
  return `${findings.map(line).join('')}${summary}\n`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function line({ level, error }: Finding): string {
  return `${level} ${described(error)}`
}

function described(error: TailraceError): string {
  return `${error.code}: ${error.message}\n  fix: ${error.remedy}\n`
}

/** The configuration or the way to the server is no good: that is a finding too, and the only one. */
function refuse(error: unknown, redact: Redact, { stdout, stderr }: Surroundings): ExitCode {
  if (isTailraceError(error)) stdout.write(redact(`error ${described(error)}1 error, 0 warnings\n`))
  else new Status(stderr, 'text', redact).failed(error)
  return exitCodeOfAll([error])
}
