import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Some kinds of command lines, installations, and Nodes that run them. An entry that was removed too early is made again. */
const MOST_ENTRIES = 12;

/** The directory of compiled code in the user's cache, made where it is missing; null where there is none, or none that can be trusted. */
export function cacheDirectory(): string | null {
  if ((process.env['K8S_TRACE_NO_CACHE'] ?? '') !== '') return null;
  const caches = userCaches();
  if (caches === null) return null;
  const directory = join(caches, 'k8s-trace');
  try {
    const found = lstatSync(directory, { throwIfNoEntry: false }) ?? make(directory);
    return found?.isDirectory() === true && isPrivate(found) ? directory : null;
  } catch {
    return null;
  }
}

/** Code is run as it is read: it must be this user's own, and no other user may have been able to write it. */
export function isPrivate({ uid, mode }: Stats): boolean {
  const own = process.getuid?.();
  return own === undefined || (uid === own && (mode & 0o022) === 0);
}

/** Removes what is beyond the number of entries to keep, oldest first. */
export function removeOldEntries(directory: string): void {
  const entries = readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found === undefined ? [] : [{ path, time: found.mtimeMs }];
  });
  entries.sort((a, b) => b.time - a.time);
  for (const { path } of entries.slice(MOST_ENTRIES)) rmSync(path, { recursive: true, force: true });
}

/** Source: XDG Base Directory Specification 0.8, which ignores relative paths. */
function userCaches(): string | null {
  const { XDG_CACHE_HOME: xdg = '', HOME: home = '', LOCALAPPDATA: local = '' } = process.env;
  if (isAbsolute(xdg)) return xdg;
  if (process.platform === 'win32') return isAbsolute(local) ? local : null;
  if (!isAbsolute(home)) return null;
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}

/** With sudo, HOME may still be another user's: a directory of root's in there would be in the way from then on. */
function make(directory: string): Stats | null {
  const caches = dirname(directory);
  makeMissing(caches);
  const { uid } = statSync(caches);
  if (uid !== 0 && uid !== (process.getuid?.() ?? uid)) return null;
  makeMissing(directory);
  return lstatSync(directory);
}

/** One directory after another: Node's recursive mkdir never ends where the kernel takes none, as below /proc. */
function makeMissing(directory: string): void {
  if (existsSync(directory)) return;
  makeMissing(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(directory)) throw error;
  }
}
