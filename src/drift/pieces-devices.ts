import type { FoundLink, FoundState } from '../datapath/found-state.ts';
import type { Device } from '../datapath/netns.ts';
import type { Locus } from '../source/origin.ts';
import { byCommands, byProgram, type Detail } from './cause.ts';
import type { Part, Piece } from './parts.ts';
import { addressPieces } from './pieces-addresses.ts';
import type { TwoNodes } from './two.ts';

/** Devices that are not as they should be, by one thing each: not there, down, another MTU, bridge or number of a tunnel, no address. */
export function devicePieces(part: Part, nodes: TwoNodes): readonly Piece[] {
  const { compiled, is, found } = nodes;
  const nameOf = (name: string) => is.foundNames?.get(name) ?? name;
  return [...compiled.devices.values()].flatMap((should): readonly Piece[] => {
    const name = nameOf(should.name);
    const own = is.devices.get(name);
    const link = found.links?.find((l) => l.name === name);
    if (own === undefined || (found.links !== null && link === undefined)) return goneDevice(part, should, name, found);
    const place = link?.origin.locus ?? null;
    return [
      ...(link === undefined ? [] : differences(should, own, nameOf).map((one) => linkPiece(part, link, place, one))),
      ...addressPieces(part, { should, own }, nodes, place),
    ];
  });
}

interface Difference {
  readonly text: string;
  readonly command: string | null;
  readonly as: Partial<FoundLink>;
}

function differences(should: Device, is: Device, nameOf: (name: string) => string): readonly Difference[] {
  const { name } = is;
  const isDown = is.down !== null && should.down === null;
  const master = should.kind === 'veth' && should.master !== null ? nameOf(should.master.name) : null;
  const isOff = is.kind === 'veth' && master !== null && is.master?.name !== master;
  const isHairpin = should.kind === 'veth' && is.kind === 'veth' && should.hairpin !== is.hairpin;
  const vni = should.kind === 'vxlan' && is.kind === 'vxlan' && should.vni !== is.vni ? should.vni : null;
  const port = should.kind === 'vxlan' && is.kind === 'vxlan' && should.port !== is.port ? should.port : null;
  return [
    ...(isDown ? [{ text: `${name} is down`, command: `ip link set dev ${name} up`, as: { up: true, carrier: true } }] : []),
    ...(should.mtu === is.mtu
      ? []
      : [
          {
            text: `the MTU of ${name} is ${is.mtu}, and should be ${should.mtu}`,
            command: `ip link set dev ${name} mtu ${should.mtu}`,
            as: { mtu: should.mtu },
          },
        ]),
    ...(isOff ? [{ text: `${name} is not a port of ${master}`, command: `ip link set dev ${name} master ${master}`, as: { master } }] : []),
    ...(isHairpin
      ? [
          {
            text: `hairpin mode of ${name} is ${is.hairpin ? 'on' : 'off'}, and should be ${should.hairpin ? 'on' : 'off'}`,
            command: `bridge link set dev ${name} hairpin ${should.hairpin ? 'on' : 'off'}`,
            as: { hairpin: should.hairpin },
          },
        ]
      : []),
    ...(is.kind === 'veth' && is.isolated !== undefined
      ? [{ text: `${name} is an isolated port`, command: `bridge link set dev ${name} isolated off`, as: { isolated: false } }]
      : []),
    ...(vni === null ? [] : [tunnel(name, 'VNI', is.kind === 'vxlan' ? is.vni : null, vni)]),
    ...(port === null ? [] : [tunnel(name, 'UDP port', is.kind === 'vxlan' ? is.port : null, port)]),
  ];
}

/** The kernel takes another number for a new device only. */
const tunnel = (name: string, what: 'VNI' | 'UDP port', is: number | null, should: number): Difference => ({
  text: `the ${what} of ${name} is ${is}, and should be ${should}`,
  command: null,
  as:
    what === 'VNI'
      ? { vxlan: { vni: should, port: null, local: null, remote: null, learning: null } }
      : { vxlan: { vni: null, port: should, local: null, remote: null, learning: null } },
});

function linkPiece(part: Part, link: FoundLink, place: Locus | null, { text, command, as }: Difference): Piece {
  const vxlan =
    as.vxlan == null || link.vxlan === null
      ? link.vxlan
      : { ...link.vxlan, vni: as.vxlan.vni ?? link.vxlan.vni, port: as.vxlan.port ?? link.vxlan.port };
  const restore = command === null ? byProgram('the CNI plugin', 'when the device is deleted') : byCommands(command);
  return {
    ...part,
    putBack: (state) => ({ ...state, links: state.links?.map((l) => (l.name === link.name ? { ...l, ...as, vxlan } : l)) ?? null }),
    detail: { kind: 'device', text, place, isThere: place !== null, restore },
  };
}

/** A compiled device that is missing. The whole part is put back: routes and entries of a missing device were not found either. */
function goneDevice(part: Part, { kind }: Device, name: string, { links }: FoundState): readonly Piece[] {
  if (kind === 'nic' || kind === 'loopback' || links === null) return [];
  const restore = kind === 'veth' ? byProgram('the CNI plugin', 'when the pod is made again') : byProgram('the CNI plugin');
  const detail: Detail = { kind: 'device', text: `${name} is not there`, place: links[0]?.origin.locus ?? null, isThere: false, restore };
  return [{ ...part, detail }];
}
