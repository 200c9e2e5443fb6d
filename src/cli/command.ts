import { VERSION } from '../version.ts'
import { readCommandLine } from './command-line.ts'
import { exitCodeOf, type ExitCode } from './exit-code.ts'
import { helpText } from './help.ts'
import { redaction } from './redaction.ts'
import { Status } from './status.ts'
import type { Surroundings } from './surroundings.ts'

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
        return await (await import('./run.ts')).run(request, surroundings)
      case 'check':
        return await (await import('./check.ts')).check(request, surroundings)
      case 'offsets':
        return await (await import('./offsets.ts')).offsets(request, surroundings)
      case 'tail':
        return await (await import('./tail.ts')).tail(request, surroundings)
    }
  } catch (error) {
    new Status(surroundings.stderr, 'text', redaction([], [])).failed(error)
    return exitCodeOf(error)
  }
}
