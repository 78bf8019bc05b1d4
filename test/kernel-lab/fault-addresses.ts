import { podCidr } from './draft.ts';
import { lan, nextHop, type Place } from './place.ts';

/** Addresses that a node has beside its own, one a node. */
export const OTHER_PREFIX = (node: number) => `10.10.${node}`;

/** What has to do with addresses, and with who answers for them. */
export const ADDRESS_FAULTS = {
  'another address': (p: Place) => {
    const last = 50 + p.index;
    const address = p.pick(
      { ip: `${lan(p.node)}.${last}`, dev: 'eth0' },
      { ip: `${lan(p.node)}.${last}`, dev: 'eth0', prefixLength: 24 },
      { ip: `${OTHER_PREFIX(p.index)}.1`, dev: 'lo' },
      { ip: `${OTHER_PREFIX(p.index)}.1`, dev: 'cni0', prefixLength: 24 },
      { ip: `${lan(p.node)}.${last}`, dev: 'lo' },
    );
    p.node.addresses.set(address.ip, address);
  },
  'prefix on lo': (p: Place) => {
    // Of pods of another node too: they are then this machine.
    const first = p.pick(OTHER_PREFIX(p.index), OTHER_PREFIX(p.index), podCidr(p.otherIndex).replace('.0/24', ''));
    const prefixLength = p.pick(24, 24, 29);
    for (const last of p.pick([1], [1, 7])) {
      const ip = `${first}.${first.startsWith('10.244') ? last + 200 : last}`;
      p.node.addresses.set(ip, { ip, dev: 'lo', prefixLength: first.startsWith('10.244') ? 28 : prefixLength });
    }
  },
  'failed neighbour': (p: Place) => {
    const [ip, dev] = p.pick(
      [nextHop(p), 'eth0'],
      [p.pod.node === p.index ? p.pod.ip : nextHop(p), p.pod.node === p.index ? 'cni0' : 'eth0'],
    );
    p.node.neighbours.set(ip, { ip, dev, state: 'failed' });
  },
  'failed neighbour of another device': (p: Place) => {
    const onNode = p.draft.pods.filter((x) => x.node === p.index);
    for (const { ip } of onNode) p.node.neighbours.set(ip, { ip, dev: 'eth0', state: 'failed' });
    p.node.neighbours.set(nextHop(p), { ip: nextHop(p), dev: 'cni0', state: 'failed' });
  },
} satisfies Readonly<Record<string, (place: Place) => void>>;
