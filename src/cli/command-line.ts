import { parseArgs, type ParseArgsConfig } from 'node:util'
import { TailraceError } from '../error/tailrace-error.ts'
import { milliseconds } from './duration.ts'

/** How the life cycle is shown on standard error. */
export type StatusStyle = 'text' | 'json' | 'none'

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'help'; readonly about: CommandName | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly file: string; readonly settings: ConfigurationSettings; readonly status: StatusStyle; readonly stopAfter: number | undefined; readonly stopWhenIdleMs: number | undefined }
  | { readonly kind: 'check'; readonly file: string; readonly settings: ConfigurationSettings }
  | { readonly kind: 'tail'; readonly url: string; readonly tables: readonly string[]; readonly fromNow: boolean }

export type CommandName = 'run' | 'check' | 'tail'

/** What is said about a configuration file beside the file. */
export interface ConfigurationSettings {
  readonly lenient: boolean
  /** Properties that come after those of the file. */
  readonly overrides: readonly (readonly [name: string, value: string])[]
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const
const CONFIGURATION = { lenient: { type: 'boolean' }, set: { type: 'string', multiple: true } } as const

/** Reads the arguments after the program's name. Errors: TR_CONFIG_INVALID. */
export function readCommandLine(argv: readonly string[]): Request {
  const [command, ...rest] = argv
  switch (command) {
    case undefined:
      throw usage('No command is given', undefined)
    case 'help':
    case '--help':
    case '-h':
      return { kind: 'help', about: rest.find((word): word is CommandName => word === 'run' || word === 'check' || word === 'tail') }
    case '--version':
    case '-v':
      return { kind: 'version' }
    case 'run':
      return readRun(rest)
    case 'check':
      return readCheck(rest)
    case 'tail':
      return readTail(rest)
    default:
      // Not repeated: it may be a URL with a password in it.
      throw usage('There is no such command', undefined)
  }
}

function readRun(argv: string[]): Request {
  const options = { ...HELP, ...CONFIGURATION, 'stop-after': { type: 'string' }, 'stop-when-idle': { type: 'string' }, 'status': { type: 'string' } } as const
  const { values, positionals } = parse('run', argv, options)
  if (values.help === true) return { kind: 'help', about: 'run' }
  return {
    kind: 'run',
    file: only('run', positionals, 'a configuration file'),
    settings: configurationSettings('run', values),
    status: statusStyle(values.status),
    stopAfter: values['stop-after'] === undefined ? undefined : count('run', '--stop-after', values['stop-after']),
    stopWhenIdleMs: values['stop-when-idle'] === undefined ? undefined : duration('run', '--stop-when-idle', values['stop-when-idle']),
  }
}

function readCheck(argv: string[]): Request {
  const { values, positionals } = parse('check', argv, { ...HELP, ...CONFIGURATION })
  if (values.help === true) return { kind: 'help', about: 'check' }
  return { kind: 'check', file: only('check', positionals, 'a configuration file'), settings: configurationSettings('check', values) }
}

function readTail(argv: string[]): Request {
  const { values, positionals } = parse('tail', argv, { ...HELP, 'table': { type: 'string', multiple: true }, 'from-now': { type: 'boolean' } })
  if (values.help === true) return { kind: 'help', about: 'tail' }
  return { kind: 'tail', url: only('tail', positionals, 'the URL of a database'), tables: values.table ?? [], fromNow: values['from-now'] === true }
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  command: CommandName,
  args: string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'The options cannot be read', command)
  }
}

function only(command: CommandName, positionals: readonly string[], what: string): string {
  const [first] = positionals
  if (first === undefined || positionals.length > 1) throw usage(`tailrace ${command} takes ${what}, and nothing else`, command)
  return first
}

function configurationSettings(command: CommandName, values: { readonly lenient?: boolean | undefined; readonly set?: readonly string[] | undefined }): ConfigurationSettings {
  const overrides = (values.set ?? []).map((pair) => {
    const at = pair.indexOf('=')
    if (at < 1) throw usage('--set takes name=value', command)
    return [pair.slice(0, at).trim(), pair.slice(at + 1)] as const
  })
  return { lenient: values.lenient === true, overrides }
}

function statusStyle(text: string | undefined): StatusStyle {
  if (text === undefined || text === 'text' || text === 'json' || text === 'none') return text ?? 'text'
  throw usage('--status is one of text, json, none', 'run')
}

function count(command: CommandName, option: string, text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number === 0) throw usage(`${option} takes a whole number from 1`, command)
  return number
}

function duration(command: CommandName, option: string, text: string): number {
  return milliseconds(text) ?? usageError(`${option} takes a time such as 500ms, 5s or 2m`, command)
}

function usageError(message: string, command: CommandName): never {
  throw usage(message, command)
}

function usage(message: string, command: CommandName | undefined): TailraceError {
  return new TailraceError('TR_CONFIG_INVALID', { message, remedy: command === undefined ? 'See tailrace --help' : `See tailrace ${command} --help` })
}
