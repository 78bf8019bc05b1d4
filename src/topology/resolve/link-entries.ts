import type { Overrides } from '../../datapath/overrides.ts';
import type { FdbEntry, Neighbour } from '../../datapath/peers.ts';
import { familyOf, formatAddress } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import { declared } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { FdbInput } from '../schema/linux.ts';
import type { OverridesInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { type DerivedMachine, knownDevice } from './derived-machine.ts';
import type { TunnelEnds } from './tunnels.ts';

/** What a machine is stated to know of others on a link: neighbours, and a VXLAN device's forwarding table. */

type NeighbourInput = NonNullable<OverridesInput['neighbours']>[number];

export function readNeighbours(inputs: readonly NeighbourInput[], machine: DerivedMachine, list: Cursor): Overrides['neighbours'] {
  return inputs.map(({ ip, dev, state, lladdr }, i): Neighbour => {
    const at = list.at(i);
    knownDevice(machine, dev, at.at('dev'));
    const entry = { address: ip, device: dev, origin: declared(at.locus) };
    if (state === 'permanent' && lladdr !== undefined) return { ...entry, state, lladdr };
    if (state === 'absent' && machine.devices.has(dev) && !machine.entries(dev).includes(ip))
      reportUnknown(machine, { ip, dev }, at.at('ip'));
    return { ...entry, state: state === 'absent' ? state : 'failed' };
  });
}

/** Only an entry that would be there can be lost; anything else is a slip of the pen. */
function reportUnknown({ cursor, entries }: DerivedMachine, { ip, dev }: Pick<NeighbourInput, 'ip' | 'dev'>, at: Cursor): void {
  const there = entries(dev).filter((a) => familyOf(a) === familyOf(ip));
  const names = there.map(formatAddress);
  at.error(
    'unknown-entry',
    `the CNI plugin writes no neighbour entry for ${formatAddress(ip)} on ${dev} of ${cursor.locus.object}`,
    there.length === 0
      ? 'state: failed, if nobody answers'
      : (didYouMean(formatAddress(ip), names) ?? `it writes ${names.slice(0, 8).join(', ')}`),
  );
}

export function readFdb(
  inputs: readonly FdbInput[],
  machine: DerivedMachine,
  node: string,
  ends: TunnelEnds,
  list: Cursor,
): Overrides['fdb'] {
  return inputs.flatMap((input, i) => {
    const { dev, dst } = input;
    const at = list.at(i);
    knownDevice(machine, dev, at.at('dev'));
    if (!machine.devices.has(dev)) return [];
    if (!machine.vxlan.has(dev)) {
      const names = [...machine.vxlan];
      at.at('dev').error(
        'not-a-vxlan',
        `${dev} is no VXLAN device, so it has no forwarding table`,
        names.length === 0 ? "this node's CNI plugin makes none" : `VXLAN devices here: ${names.join(', ')}`,
      );
      return [];
    }
    const lladdr = input.lladdr ?? macOfNode(input.node ?? '', dev, node, ends, at.at('node'));
    if (lladdr === null) return [];
    if (dst === undefined && !ends.of(dev).some((e) => e.name !== node && e.mac === lladdr))
      at.at('lladdr').error('unknown-entry', `the CNI plugin writes no entry for ${lladdr} on ${dev}`, known(ends, dev, node));
    const entry: FdbEntry = { lladdr, dst: dst ?? null, origin: declared(at.locus) };
    return [{ ...entry, device: dev }];
  });
}

/** Null, and reported: no other node of this name has such a device. */
function macOfNode(name: string, dev: string, own: string, ends: TunnelEnds, at: Cursor): Mac | null {
  const found = ends.of(dev).find((e) => e.name === name);
  if (name === own) at.error('bad-value', `${own} sends itself nothing by ${dev}`, 'name another node');
  else if (found !== undefined) return found.mac;
  else if (ends.names.includes(name)) at.error('unknown-device', `${name} has no ${dev}`, known(ends, dev, own));
  else at.error('unknown-node', `there is no node ${name}`, didYouMean(name, ends.names) ?? `nodes: ${ends.names.slice(0, 10).join(', ')}`);
  return null;
}

const known = (ends: TunnelEnds, dev: string, own: string) =>
  `other nodes with ${dev}: ${
    ends
      .of(dev)
      .flatMap((e) => (e.name === own ? [] : [`${e.name} (${e.mac})`]))
      .slice(0, 8)
      .join(', ') || 'none'
  }`;
