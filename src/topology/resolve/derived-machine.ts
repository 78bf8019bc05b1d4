import type { RoutingRule } from '../../datapath/fib.ts';
import { familyOf, type IpAddress, type IpFamily } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { Cursor } from './cursor.ts';

/** A namespace before it is made, as far as the input can refer to it: its devices, and the addresses that they have. */
export interface DerivedMachine {
  readonly cursor: Cursor;
  /** Device names with the prefixes on their links. */
  readonly devices: ReadonlyMap<string, readonly Prefix[]>;
  /** Of its primary family first. */
  readonly own: readonly IpAddress[];
  /** The prefixes of the routes in its main table that the input does not state. */
  readonly derived: readonly Prefix[];
  /** The routing rules that the input does not state, beside the usual three. */
  readonly rules: readonly RoutingRule[];
  /** The ports of its bridge: the only devices that have a hairpin mode. */
  readonly ports: ReadonlySet<string>;
  /** Its VXLAN devices. */
  readonly vxlan: ReadonlySet<string>;
  /** The neighbours that the CNI plugin writes down on a device. */
  entries(device: string): readonly IpAddress[];
}

export const familyOfMachine = ({ own }: DerivedMachine): IpFamily => (own[0] === undefined ? 'IPv4' : familyOf(own[0]));

/** Of a machine that no CNI plugin writes down others for. */
export const NO_ENTRIES: Pick<DerivedMachine, 'vxlan' | 'entries'> = { vxlan: new Set(), entries: () => [] };

/** Reports a device that the machine will not have. */
export function knownDevice(machine: DerivedMachine, name: string, at: Cursor): void {
  if (machine.devices.has(name)) return;
  const names = [...machine.devices.keys()];
  at.error(
    'unknown-device',
    `${machine.cursor.locus.object} has no device ${name}`,
    didYouMean(name, names) ?? `it has ${names.join(', ')}`,
  );
}
