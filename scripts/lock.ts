/** What is wrong with package-lock.json, as sentences: things that work on the machine that wrote it and fail on another. */

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages?: Readonly<Record<string, LockEntry>>
}

interface LockEntry extends Manifest {
  readonly version?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

/** Nothing when all is well. */
export const lockFaults = (manifest: Manifest, lock: Lock): readonly string[] => {
  const packages = lock.packages ?? {}
  return [
    ...asked(manifest).flatMap(([group, name, version]) => [
      ...(EXACT.test(version) ? [] : [`${name} is asked for as '${version}', not as an exact version`]),
      ...(packages['']?.[group]?.[name] === version ? [] : [`${name} ${version} is not what the lock was made for`]),
    ]),
    ...Object.entries(packages).flatMap(([path, entry]) => faultsOf(path, entry, packages)),
  ]
}

const groups = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

const asked = (manifest: Manifest): readonly (readonly [(typeof groups)[number], string, string])[] =>
  groups.flatMap(group =>
    Object.entries(manifest[group] ?? {}).map(([name, version]) => [group, name, version] as const),
  )

const faultsOf = (path: string, entry: LockEntry, packages: Readonly<Record<string, LockEntry>>): readonly string[] => {
  const name = path.replace(/^.*node_modules\//, '')
  // npm writes only its own machine's binaries when it is asked carelessly; elsewhere `npm ci` then fails.
  const missing = Object.keys(entry.optionalDependencies ?? {}).filter(
    optional => !(`node_modules/${optional}` in packages || `${path}/node_modules/${optional}` in packages),
  )
  return [
    ...(entry.resolved === undefined ? [] : [`${name} names the address it came from`]),
    ...(entry.hasInstallScript === true ? [`${name} has an install script, which newer npm does not run`] : []),
    ...missing.map(optional => `${name} may need ${optional}, which has no entry`),
  ]
}
