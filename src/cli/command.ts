import { VERSION } from '../version.ts'
import { check } from './check.ts'
import { readCommandLine } from './command-line.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { helpText } from './help.ts'
import { redaction } from './redaction.ts'
import { run } from './run.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'
import { tail } from './tail.ts'

/** Does what the arguments (without the program's name) say; resolves to the exit code. */
export async function command(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    const request = readCommandLine(argv)
    switch (request.kind) {
      case 'help':
        surroundings.stdout.write(helpText(request.about))
        return 0
      case 'version':
        surroundings.stdout.write(`${VERSION}\n`)
        return 0
      case 'run':
        return await run(request, surroundings)
      case 'check':
        return await check(request, surroundings)
      case 'tail':
        return await tail(request, surroundings)
    }
  } catch (error) {
    new Status(surroundings.stderr, 'text', redaction([], [])).failed(error)
    return exitCodeOf(error)
  }
}
