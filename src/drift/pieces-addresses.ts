import { routesOf } from '../datapath/fib.ts';
import type { FoundAddress, FoundState } from '../datapath/found-state.ts';
import type { Device, InterfaceAddress } from '../datapath/netns.ts';
import { renamedRoute } from '../datapath/renamed-route.ts';
import type { Route } from '../datapath/route.ts';
import { FAMILIES, familyOf, formatAddress, type IpFamily, isLinkLocal } from '../net/address.ts';
import { samePrefix } from '../net/prefix.ts';
import type { Locus } from '../source/origin.ts';
import { byCommands } from './cause.ts';
import type { Part, Piece } from './parts.ts';
import type { TwoNodes } from './two.ts';

interface TwoDevices {
  readonly should: Device;
  readonly own: Device;
}

/** Addresses that a device should have, with the routes that the kernel makes of them. */
export function addressPieces(part: Part, { should, own }: TwoDevices, nodes: TwoNodes, place: Locus | null): readonly Piece[] {
  const { found } = nodes;
  return FAMILIES.filter((family) => found.addresses[family] !== null).flatMap((family) => {
    const has = new Set(own.addresses.map((a) => a.address));
    const lost = should.addresses.filter(({ address }) => familyOf(address) === family && !has.has(address) && !isLinkLocal(address));
    return lost.map((address): Piece => {
      const text = `${formatAddress(address.address)}/${address.prefix.length}`;
      return {
        ...part,
        putBack: (state) => withAddress(state, family, { own, address }, nodes),
        detail: {
          kind: 'device',
          text: `${own.name} does not have the address ${text}`,
          place: place ?? found.addresses[family]?.[0]?.origin.locus ?? null,
          isThere: false,
          restore: byCommands(`ip address add ${text} dev ${own.name}`),
        },
      };
    });
  });
}

interface Added {
  readonly own: Device;
  readonly address: InterfaceAddress;
}

function withAddress(state: FoundState, family: IpFamily, { own, address }: Added, { compiled, is }: TwoNodes): FoundState {
  const added: FoundAddress = { ...address, device: own.name, peer: null, flags: [] };
  const tables = new Map([...state.routes[family]]);
  for (const [id, routes] of tables) {
    const table = compiled.tables.get(id);
    const wanted =
      table === undefined ? [] : [...routesOf(table)].map((r) => renamedRoute(r, is.foundNames)).filter((r) => isOf(r, own.name, address));
    tables.set(id, [...routes, ...wanted.filter((r) => !routes.some((o) => samePrefix(o.prefix, r.prefix)))]);
  }
  return {
    ...state,
    addresses: { ...state.addresses, [family]: [...(state.addresses[family] ?? []), added] },
    routes: { ...state.routes, [family]: tables },
  };
}

/** On its link, or for itself. Source: fib_add_ifaddr, net/ipv4/fib_frontend.c. */
const isOf = ({ nextHops, source, prefix }: Route, device: string, { address }: InterfaceAddress): boolean =>
  nextHops.some((n) => n.device === device && n.via === null) && (source === address || prefix.address === address);
