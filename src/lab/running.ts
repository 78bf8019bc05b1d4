import { didYouMean } from '../source/suggest.ts';
import { checkPlatform, type Lab, netnsDirectory, runningLabs } from './holder.ts';
import { LabError, type Machine } from './machine.ts';

/** The names that `lab up` may give to a lab. */
const NAME = /^[a-z0-9-]+$/;
/** Labs of `lab verify`, which come and go by themselves. */
const PASSING = /^verify-/;

export function checkName(name: string): void {
  if (!NAME.test(name)) throw new LabError(`${JSON.stringify(name)} is no name for a lab`, 'lower case letters, digits and -');
  if (PASSING.test(name)) throw new LabError(`"${name}" is no name for a lab: those of lab verify begin so`, 'choose another one');
}

/** The labs that this user has up, by name. One that is still being built, or whose building was ended, is among them. */
export function ownLabs(machine: Machine): readonly Lab[] {
  checkPlatform(machine);
  return runningLabs(machine)
    .filter((l) => l.uid === machine.uid && !PASSING.test(l.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The lab of that name; without one, the only lab. */
export function chooseLab(machine: Machine, name: string | null): Lab {
  const labs = ownLabs(machine);
  const [first, second] = name === null ? labs : labs.filter((l) => l.name === name);
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && name === null) throw new LabError(`several labs are up: ${listOf(labs)}`, 'say which with --name');
  throw nothingUp(machine, labs, name);
}

function nothingUp(machine: Machine, labs: readonly Lab[], name: string | null): LabError {
  const known = labs.map((l) => l.name);
  if (name !== null && labs.length > 0)
    return new LabError(`there is no lab "${name}"`, didYouMean(name, known) ?? `labs: ${listOf(labs)}`);
  const what = name === null ? 'no lab is up' : `there is no lab "${name}", nor another`;
  return new LabError(what, othersHint(machine) ?? 'start one: k8s-trace lab up -f topology.yaml');
}

/** Each user has labs of his own: root's are not seen without sudo, nor one's own with it. */
export function othersHint(machine: Machine): string | null {
  const others = runningLabs(machine).filter((l) => l.uid !== machine.uid && !PASSING.test(l.name));
  if (others.length === 0) return null;
  const owner = others.some((l) => l.uid === 0) ? 'root has one: use sudo' : 'another user has one, who alone can use it';
  return `${owner} (${listOf(others)})`;
}

const listOf = (labs: readonly Lab[]): string => labs.map((l) => l.name).join(', ');

/** Ends labs, with all that is in them. Answers their names; none when there was nothing to end. */
export async function labDown(
  machine: Machine,
  which: { readonly name: string | null; readonly all: boolean },
): Promise<readonly string[]> {
  const labs = ownLabs(machine);
  const chosen = which.name === null ? labs : labs.filter((l) => l.name === which.name);
  // With others up, a name that none has is rather a slip than one that is gone already.
  if (which.name !== null && chosen.length === 0 && labs.length > 0) throw nothingUp(machine, labs, which.name);
  if (which.name === null && !which.all && chosen.length > 1)
    throw new LabError(`several labs are up: ${listOf(labs)}`, 'say which with --name, or --all');
  for (const lab of chosen) await end(machine, lab);
  return chosen.map((l) => l.name);
}

/** The holder takes all with it but for the processes that `lab exec` started, which are looked for while there is still a /run/netns. */
async function end(machine: Machine, lab: Lab): Promise<void> {
  const guests = machine.processesIn(netnsDirectory(lab));
  await machine.kill(lab.pid);
  for (const pid of guests) await machine.kill(pid);
}
