import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ServerUnavailableError } from './binary.ts'
import { debianTree } from './debian.ts'

/** What to spawn to run a Perl program. */
export interface PerlProgram {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** `pt-online-schema-change` of this machine's own release of Debian: its modules are for the machine's own perl. Errors: ServerUnavailableError. */
export async function installPerconaToolkit(): Promise<PerlProgram> {
  const release = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1]
  if (release === undefined || !existsSync('/usr/bin/perl')) throw new ServerUnavailableError('percona-toolkit: it needs a Debian with perl')
  const tree = await debianTree({ name: 'percona-toolkit', suite: release, packages: ['libdbi-perl', 'libdbd-mysql-perl', 'libterm-readkey-perl'], alone: ['percona-toolkit'] })
  const library = path.join(tree.root, 'usr/lib')
  const triplet = (await readdir(library)).find((folder) => existsSync(path.join(library, folder, 'perl5'))) ?? ''
  const versions = (await readdir(path.join(library, triplet, 'perl5'))).map((version) => path.join(library, triplet, 'perl5', version))
  const env = {
    PERL5LIB: [path.join(tree.root, 'usr/share/perl5'), ...versions].join(':'), LD_LIBRARY_PATH: path.join(library, triplet),
    // how it logs in to MySQL 9; without, the plugins of the machine are looked for
    MARIADB_PLUGIN_DIR: path.join(library, triplet, 'libmariadb3', 'plugin'),
  }
  const program = { file: '/usr/bin/perl', args: [path.join(tree.root, 'usr/bin/pt-online-schema-change')], env }
  try {
    execFileSync(program.file, [...program.args, '--version'], { env: { PATH: process.env['PATH'], ...program.env }, stdio: 'pipe' })
  } catch (error) {
    throw new ServerUnavailableError(`percona-toolkit does not run here: ${(error as { stderr?: Buffer }).stderr?.toString() ?? String(error)}`, { cause: error })
  }
  return program
}
