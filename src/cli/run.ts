import { createEngine } from '../create-engine.ts'
import { carryOut } from '../debezium/from-debezium.ts'
import type { Plan } from '../debezium/plan.ts'
import { streamSink } from '../sink/stdout/stdout.ts'
import type { Request } from './command-line.ts'
import { expectSink, readConfiguration, redactionOf } from './configuration.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { redaction } from './redaction.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'

/** `tailrace run`: records to standard output, the life cycle to standard error. */
export async function run(request: Extract<Request, { kind: 'run' }>, surroundings: Surroundings): Promise<ExitCode> {
  let status = new Status(surroundings.stderr, request.status, redaction([], []))
  try {
    const plan = readConfiguration(request.file, request.settings, surroundings)
    status = new Status(surroundings.stderr, request.status, redactionOf(plan))
    for (const warning of plan.warnings) status.warning(warning)
    expectSink(plan)
    await deliver(plan, request, surroundings, status)
    return 0
  } catch (error) {
    status.failed(error)
    return exitCodeOf(error)
  }
}

async function deliver(plan: Plan, request: Extract<Request, { kind: 'run' }>, { stdout, signal }: Surroundings, status: Status): Promise<void> {
  const { stopAfter, stopWhenIdleMs } = request
  const options = carryOut(plan)
  const engine = createEngine({
    ...options,
    sink: options.sink ?? streamSink(stdout),
    ...(stopAfter === undefined ? {} : { stopAfter }),
    ...(stopWhenIdleMs === undefined ? {} : { stopWhenIdleMs }),
  })
  status.follow(engine)
  await engine.run({ signal })
  status.stopped(engine.stats().delivered)
}
