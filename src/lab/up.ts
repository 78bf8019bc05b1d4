import type { Netns } from '../datapath/netns.ts';
import type { NamespaceView, UpView } from '../document/lab-schema.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { familyOf, formatAddress, LOOPBACK } from '../net/address.ts';
import { type Agent, startAgent } from './agent.ts';
import { enter } from './enter.ts';
import { build, checkMachine, keep, type Lab, startLab } from './holder.ts';
import { listenEverywhere } from './listeners.ts';
import { LabError, type Machine } from './machine.ts';
import { allNetns, fileOf } from './names.ts';
import { placeOfFile } from './place.ts';
import { refusedLine } from './refused.ts';
import { checkName, ownLabs } from './running.ts';
import { labScript } from './script.ts';

/** Builds the network for real, has something listen, and leaves it running. Until it is whole, it ends with us. */
export async function labUp(machine: Machine, { cluster, datapath }: Network, name: string): Promise<UpView> {
  checkName(name);
  checkMachine(machine);
  refuseTwins(machine, name, 0);
  const all = allNetns(cluster, datapath);
  const { lab, holder } = await startLab(machine, name);
  try {
    refuseTwins(machine, name, 1);
    await build(machine, lab, labScript(cluster, all), (said) => refusedLine(said, cluster));
    const { agent, heard } = noting(startAgent(machine, lab));
    await listenEverywhere(agent, cluster, all, []);
    await agent.stay();
    await keep(holder);
    return view(machine, lab, all, heard);
  } catch (error) {
    await holder.close();
    throw error;
  }
}

/** Twice: two that start at once do not see each other at first, but one of them does later. */
function refuseTwins(machine: Machine, name: string, own: number): void {
  if (ownLabs(machine).filter((l) => l.name === name).length > own)
    throw new LabError(
      `a lab "${name}" is up already`,
      `end it with k8s-trace lab down --name ${name}, or give this one another name with --name`,
    );
}

/** An agent that takes down which ports it listens on, and where. */
function noting(agent: Agent): { readonly agent: Agent; readonly heard: ReadonlyMap<string, ReadonlySet<string>> } {
  const heard = new Map<string, Set<string>>();
  const listen: Agent['listen'] = async (netns, protocol, address, port) => {
    await agent.listen(netns, protocol, address, port);
    const ports = heard.get(netns) ?? new Set();
    heard.set(netns, ports.add(`${port}/${protocol}`));
  };
  return { agent: { ...agent, listen }, heard };
}

function view(machine: Machine, lab: Lab, all: readonly Netns[], heard: ReadonlyMap<string, ReadonlySet<string>>): UpView {
  const files = all.map((n) => fileOf(n.name));
  const namespaces = all.map((netns): NamespaceView => {
    const addresses = [...netns.devices.values()].flatMap((d) => d.addresses).filter((a) => a.address !== LOOPBACK[familyOf(a.address)]);
    return {
      place: placeOfFile(files, fileOf(netns.name)),
      file: fileOf(netns.name),
      addresses: addresses.map((a) => formatAddress(a.address)),
      listens: [...(heard.get(netns.name) ?? [])],
    };
  });
  const shown = namespaces.find((n) => n.file.includes('_')) ?? namespaces[0];
  const named = lab.name === DEFAULT_NAME ? '' : ` --name ${lab.name}`;
  return {
    name: lab.name,
    kernel: machine.release,
    pid: lab.pid,
    namespaces,
    enter: {
      exec: `k8s-trace lab exec ${shown?.place}${named} -- sh`,
      raw: enter(lab, shown?.file ?? '', ['sh']).join(' '),
      down: `k8s-trace lab down${named}`,
    },
  };
}

export const DEFAULT_NAME = 'lab';
