import { checkAbilities } from './abilities.ts';
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

/** The word by which a holder is known among all processes, followed by the lab's name and by whose it is. */
const MARK = 'k8s-trace-lab';
const WAYS = { root: false, user: true } as const;

/**
 * The holder. /proc is still the machine's, so its own number in there is the one by which others know it. It lives as long as its
 * standard input is open, or, once told to stay, until it is ended.
 */
const HOLD = `mount -t tmpfs lab /run && mkdir /run/netns || exit 1
read -r pid rest < /proc/self/stat
echo "ready $pid"
read -r word
[ "$word" = stay ] || exit 0
sleep infinity < /dev/null > /dev/null 2>&1 &
echo staying
wait`;

const UNSHARE = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
const AS_USER = ['--user', '--map-root-user'];

/** The programs that a lab is made with, and the packages that have them. */
const PROGRAMS: readonly (readonly [program: string, debian: string])[] = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['ip', 'iproute2'],
  ['bridge', 'iproute2'],
  ['iptables-restore', 'iptables'],
  ['perl', 'perl-base'],
];

export function checkPlatform(machine: Machine): void {
  if (machine.platform !== 'linux')
    throw new LabError(
      `a lab needs Linux, whose kernel it asks; this is ${machine.platform}`,
      'k8s-trace lab script prints what would be built',
    );
}

export function checkMachine(machine: Machine): void {
  checkPlatform(machine);
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
  const ways = machine.uid === 0 ? (['root', 'user'] as const) : (['user'] as const);
  let refusal = '';
  for (const way of ways) {
    const rootless = WAYS[way];
    const holder = machine.open([...UNSHARE, ...(rootless ? AS_USER : []), '--', 'sh', '-c', HOLD, MARK, name, way]);
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

/** Tells the holder to live on without us. */
export async function keep(holder: Conversation): Promise<void> {
  holder.write('stay\n');
  if ((await holder.line()) !== 'staying') throw new LabError(`the lab ended (${holder.stderr().trim()})`);
  holder.leave();
}

export const NETNS_DIRECTORY = '/run/netns';

/** The lab's /run is private; it is seen through the holder. */
export const netnsDirectory = ({ pid }: Lab): string => `/proc/${pid}/root${NETNS_DIRECTORY}`;

/** The labs that are there, with the user whose they are. */
export function runningLabs(machine: Machine): readonly (Lab & { readonly uid: number })[] {
  return machine.processes().flatMap(({ pid, uid, words }) => {
    const [shell, , script, mark, name, way] = words;
    // `unshare` has the same words behind its own; the holder is the shell.
    if (shell !== 'sh' || script !== HOLD || mark !== MARK || name === undefined) return [];
    return [{ name, pid, uid, rootless: way === 'user' }];
  });
}

/** Runs a script in the lab, once it is known that the kernel has what it takes. `explained`: what its messages mean, where they are known. */
export async function build(
  machine: Machine,
  lab: Lab,
  script: string,
  explained: (stderr: string) => LabError | null = () => null,
): Promise<void> {
  await checkAbilities((probe) => machine.run(inside(lab, ['sh', '-s']), probe), script);
  const ran = await machine.run(inside(lab, ['sh', '-s']), script);
  if (ran.status === 0) return;
  const known = explained(ran.stderr);
  if (known !== null) throw known;
  const said = ran.stderr.trim().replace(/\s*\n\s*/g, '; ');
  throw new LabError(`this cannot be built: ${said || `status ${ran.status}`}`, 'k8s-trace lab script shows each step');
}
