/** What is wrong with package-lock.json, as sentences: things that work on the machine that wrote it and fail on another. */

/** @returns {string[]} nothing when all is well */
export function lockFaults(manifest, lock) {
  const packages = Object.entries(lock.packages ?? {})
  const faults = []
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    for (const [name, version] of Object.entries(manifest[group] ?? {})) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        faults.push(`${name} is asked for as '${version}', not as an exact version`)
      if (lock.packages?.['']?.[group]?.[name] !== version)
        faults.push(`${name} ${version} is not what the lock was made for`)
    }
  }
  for (const [path, entry] of packages) {
    const name = path.replace(/^.*node_modules\//, '')
    if (entry.resolved !== undefined) faults.push(`${name} names the address it came from`)
    if (entry.hasInstallScript) faults.push(`${name} has an install script, which newer npm does not run`)
    for (const optional of Object.keys(entry.optionalDependencies ?? {})) {
      // npm writes only its own machine's binaries when it is asked carelessly; elsewhere `npm ci` then fails.
      const held = packages.some(
        ([other]) => other === `node_modules/${optional}` || other === `${path}/node_modules/${optional}`,
      )
      if (!held) faults.push(`${name} may need ${optional}, which has no entry`)
    }
  }
  return faults
}
