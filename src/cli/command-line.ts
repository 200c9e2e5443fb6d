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
  | { readonly kind: 'offsets'; readonly file: string; readonly settings: ConfigurationSettings; readonly action: OffsetsAction }
  | { readonly kind: 'tail'; readonly url: string; readonly tables: readonly string[]; readonly fromNow: boolean }

/** What `tailrace offsets` is to do. */
export type OffsetsAction =
  | { readonly do: 'show'; readonly json: boolean }
  | { readonly do: 'import'; readonly from: string; readonly name: string | undefined; readonly server: string | undefined; readonly force: boolean }
  | { readonly do: 'export'; readonly to: string; readonly force: boolean }

const COMMANDS = ['run', 'check', 'tail', 'offsets'] as const
export type CommandName = (typeof COMMANDS)[number]

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
      return { kind: 'help', about: COMMANDS.find((name) => rest.includes(name)) }
    case '--version':
    case '-v':
      return { kind: 'version' }
    case 'run':
      return readRun(rest)
    case 'check':
      return readCheck(rest)
    case 'tail':
      return readTail(rest)
    case 'offsets':
      return readOffsets(rest)
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

function readOffsets([action, ...argv]: string[]): Request {
  if (action === '--help' || action === '-h') return { kind: 'help', about: 'offsets' }
  const { values, positionals } = parse('offsets', argv, {
    ...HELP, ...CONFIGURATION, json: { type: 'boolean' }, from: { type: 'string' }, name: { type: 'string' }, server: { type: 'string' }, to: { type: 'string' }, force: { type: 'boolean' },
  })
  if (values.help === true) return { kind: 'help', about: 'offsets' }
  return { kind: 'offsets', file: only('offsets', positionals, 'show, import or export, a configuration file'), settings: configurationSettings('offsets', values), action: offsetsAction(action, values) }
}

/** Which options each action takes beside those of a configuration. */
const OFFSETS_OPTIONS = { show: ['json'], import: ['from', 'name', 'server', 'force'], export: ['to', 'force'] } as const

interface OffsetsValues {
  readonly json?: boolean | undefined
  readonly from?: string | undefined
  readonly name?: string | undefined
  readonly server?: string | undefined
  readonly to?: string | undefined
  readonly force?: boolean | undefined
}

function offsetsAction(action: string | undefined, values: OffsetsValues): OffsetsAction {
  if (action !== 'show' && action !== 'import' && action !== 'export') throw usage('tailrace offsets takes show, import or export', 'offsets')
  const odd = Object.values(OFFSETS_OPTIONS).flat().find((option) => values[option] !== undefined && !(OFFSETS_OPTIONS[action] as readonly string[]).includes(option))
  if (odd !== undefined) throw usage(`tailrace offsets ${action} does not take --${odd}`, 'offsets')
  const force = values.force === true
  if (action === 'show') return { do: 'show', json: values.json === true }
  if (action === 'import') return { do: 'import', from: values.from ?? usageError('tailrace offsets import needs --from', 'offsets'), name: values.name, server: values.server, force }
  return { do: 'export', to: values.to ?? usageError('tailrace offsets export needs --to', 'offsets'), force }
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
