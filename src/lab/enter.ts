import { type Lab, NETNS_DIRECTORY, netnsDirectory } from './holder.ts';
import type { Machine } from './machine.ts';
import { UNDERLAY } from './names.ts';
import { fileOfPlace } from './place.ts';
import { chooseLab } from './running.ts';

/**
 * A command line that runs a command in one of the lab's network namespaces. `ip netns exec` shows /sys as it is there, too; that takes
 * a mount, which a user namespace may not be allowed. Not in the lab's pid namespace: a shell there would not know the process group
 * that its terminal has, and could neither be stopped nor end well.
 */
export function enter({ pid, rootless }: Lab, file: string, command: readonly string[]): readonly string[] {
  const user = rootless ? ['-U', '--preserve-credentials'] : [];
  const there = rootless ? ['nsenter', `--net=${NETNS_DIRECTORY}/${file}`] : ['ip', 'netns', 'exec', file];
  return ['nsenter', '-t', String(pid), ...user, '-m', ...there, ...command];
}

export interface ExecRequest {
  readonly lab: string | null;
  readonly place: string;
  readonly namespace: string;
  readonly command: readonly string[];
  /** Said when there is no such program. */
  readonly missing: string;
}

/** Runs a command in a pod, node or router of a lab that is up, with our terminal; answers its exit status. */
export async function labExec(machine: Machine, request: ExecRequest): Promise<number> {
  const lab = chooseLab(machine, request.lab);
  const file = fileOfPlace(filesOf(machine, lab), request.place, request.namespace);
  return machine.attach(enter(lab, file, ['sh', '-c', HERE, 'k8s-trace', machine.directory, request.missing, ...request.command]));
}

/**
 * A process that enters mounts is at their root. A shell answers 127 for a program that is not there, where `ip` has 255; but some of them
 * name only a line of the script for it. Source: POSIX, command and 2.8.2.
 */
const HERE =
  'cd "$1" 2> /dev/null; command -v "$3" > /dev/null || [ -e "$3" ] || { printf "%s\\n" "$2" >&2; exit 127; }; shift 2; exec "$@"';

const filesOf = (machine: Machine, lab: Lab) => machine.list(netnsDirectory(lab)).filter((f) => f !== UNDERLAY);
