import { commandOfName, printedBy } from './command.ts';

/** Is this the path of a file with node state, in a directory that is an input of objects? Bundles name such files by their commands. */
export function isStateName(path: string): boolean {
  if (/\/(proc|sys|namespaces|cluster-scoped-resources|pods)\//.test(path) || /\.(ya?ml|sh|go|ts|js|py|png|html?)$/i.test(path))
    return false;
  if (SAYS_HOST.test(path)) return true;
  const command = commandOfName(path.slice(path.lastIndexOf('/') + 1));
  const printed = command === null ? null : printedBy(command);
  return printed !== null && (printed.is === 'state' || printed.is === 'wrong');
}

/** Files with the name of the machine that the files beside them are of. */
const SAYS_HOST = /(^|\/)(hostname|cmd\/hostname\.(md|txt)|cmd\/cilium\S*status\S*\.(md|txt))$/;
