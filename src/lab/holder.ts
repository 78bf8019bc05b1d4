import { type Conversation, LabError, type Machine } from './machine.ts';

/**
 * A lab lives in private mount, network and pid namespaces, with a /run/netns of its own, and dies with the first process in them: the
 * holder. So two labs cannot meet, nothing of the machine is touched, and nothing is left behind, however we end.
 */
export interface Lab {
  readonly name: string;
  /** The holder, as the machine numbers it. */
  readonly pid: number;
  /** Are its namespaces in a user namespace of ours, because we are not root? */
  readonly rootless: boolean;
}

/** The word by which a holder is known among all processes, followed by the lab's name. */
const MARK = 'k8s-trace-lab';

/**
 * The holder. /proc is still the machine's, so its own number in there is the one by which others know it. It lives as long as its
 * standard input is open, or, once told to stay, until somebody ends it.
 */
const HOLD = `mount -t tmpfs lab /run && mkdir /run/netns || exit 1
read -r pid rest < /proc/self/stat
echo "ready $pid"
read -r word
[ "$word" = stay ] || exit 0
sleep infinity < /dev/null > /dev/null 2>&1 &
wait`;

const UNSHARE = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
const AS_USER = ['--user', '--map-root-user'];

/** What a lab is made with, and the packages that have it. */
const PROGRAMS: readonly (readonly [program: string, debian: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['ip', 'iproute2'],
  ['bridge', 'iproute2'],
  ['iptables-restore', 'iptables'],
  ['perl', 'perl-base'],
];

export function checkMachine(machine: Machine): void {
  if (machine.platform !== 'linux')
    throw new LabError(`a lab needs Linux, whose kernel it asks; this is ${machine.platform}`, 'lab script prints what would be built');
  const missing = PROGRAMS.filter(([program]) => !machine.has(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, debian]) => debian))];
  throw new LabError(
    `a lab needs ${missing.map(([program]) => program).join(', ')}, which this machine does not have`,
    `on Debian and Ubuntu: apt-get install ${packages.join(' ')}; the packages are named the same or alike elsewhere`,
  );
}

/** A new lab, empty, and the conversation that keeps it alive. */
export async function startLab(machine: Machine, name: string): Promise<{ readonly lab: Lab; readonly holder: Conversation }> {
  const ways = machine.uid === 0 ? [false, true] : [true];
  let refusal = '';
  for (const rootless of ways) {
    const holder = machine.open([...UNSHARE, ...(rootless ? AS_USER : []), '--', 'sh', '-c', HOLD, MARK, name]);
    const ready = await holder.line();
    const pid = Number(/^ready (\d+)$/.exec(ready ?? '')?.[1]);
    if (pid > 0) return { lab: { name, pid, rootless }, holder };
    await holder.close();
    refusal = holder.stderr().trim();
  }
  throw new LabError(
    `a lab needs root, or unprivileged user namespaces, and this machine allows neither (${refusal})`,
    'run it with sudo; or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)',
  );
}

/** A command line that runs a command in the lab's namespaces. */
export function inside({ pid, rootless }: Lab, command: readonly string[]): readonly string[] {
  const user = rootless ? ['--user', '--preserve-credentials'] : [];
  return ['nsenter', '--target', String(pid), ...user, '--mount', '--net', '--pid', '--', ...command];
}

/** The labs of this user that are there, by name. */
export function runningLabs(machine: Machine): readonly Lab[] {
  return machine.processes().flatMap(({ pid, uid, words }) => {
    const at = words.indexOf(MARK);
    const name = words[at + 1];
    // `unshare` has the same words behind it; the holder is the shell.
    if (at !== 3 || words[0] !== 'sh' || name === undefined || uid !== machine.uid) return [];
    return [{ name, pid, rootless: machine.uid !== 0 }];
  });
}

/** Runs a script in the lab; what it cannot do is what the kernel, or this machine, cannot do. */
export async function build(machine: Machine, lab: Lab, script: string): Promise<void> {
  const ran = await machine.run(inside(lab, ['sh', '-s']), script);
  if (ran.status !== 0) throw new LabError(`this cannot be built: ${ran.stderr.trim()}`, 'k8s-trace lab script shows each step');
}
