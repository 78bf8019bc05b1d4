import { expect, test } from 'vitest';
import { addAddress } from '../../src/datapath/add-address.ts';
import { addBridge, addVethPair, enslave, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, onLink, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { ip } from '../../src/net/address.ts';
import { cidr, DEFAULT_PREFIX } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';

/**
 * An address of a pod that its node has on the bridge, too: both answer ARP and neighbour discovery, and the first answer, or what was known before, counts
 * (arp_process, net/ipv4/arp.c). In network namespaces the one or the other had the packet. One that only the node, or only the pod, has is no question.
 */
const origin = inferred(null);

function call(family: 'IPv4' | 'IPv6', to: string, own: string, arpIgnore = 0): string {
  const [prefix, addressOf] =
    family === 'IPv4'
      ? [cidr('10.244.1.0/24'), (last: string) => ip(`10.244.1.${last}`)]
      : [cidr('fd00:1::/64'), (last: string) => ip(`fd00:1::${last}`)];
  const host = newNetns({ name: 'node-1', node: 'node-1', role: 'node' }, origin, []);
  const bridge = addBridge(host, 'cni0', 1500, origin);
  addAddress(host, bridge, addressOf('1'), prefix, origin);
  if (own !== '1') addAddress(host, bridge, addressOf(own), prefix, origin);
  host.sysctls.set('net.ipv4.conf.cni0.arp_ignore', { value: arpIgnore, origin });
  const pods = ['2', '3'].map((last) => {
    const pod = newNetns({ name: `default/p${last}`, node: 'node-1', role: 'pod' }, origin, []);
    const [port, end] = addVethPair({ builder: host, name: `veth${last}` }, { builder: pod, name: 'eth0' }, 1500, origin);
    enslave(bridge, port, false, origin);
    addAddress(pod, end, addressOf(last), prefix, origin);
    addRoute(pod, MAIN_TABLE, { prefix, type: 'unicast', metric: 0, nextHops: [onLink('eth0')], source: null, origin });
    addRoute(pod, MAIN_TABLE, routeVia(DEFAULT_PREFIX[family], addressOf('1'), 'eth0', origin));
    return pod;
  });
  addRoute(host, MAIN_TABLE, { prefix, type: 'unicast', metric: 0, nextHops: [onLink('cni0')], source: null, origin });
  const [, client] = [host, ...pods].map((b) => finish(b, null));
  if (client === undefined) throw new Error('there are pods');
  const asked = { process: 'p2', source: addressOf('2'), destination: addressOf(to), port: 9, protocol: 'tcp', size: null } as const;
  const [path] = traceFlow({ netns: client, ...asked });
  const facts = path?.failure?.facts;
  const which = facts !== undefined && 'pods' in facts ? ` ${facts.pods.join(', ')}` : '';
  return `${path?.outcome} ${path?.failure?.code}${which}`;
}

test.each([
  ['the node has it, too', '3', '3', 'undetermined FACT_MISSING node-1, default/p3'],
  ['the node has another', '3', '4', 'rejected NOBODY_LISTENS'],
  ['the gateway', '1', '3', 'rejected NOBODY_LISTENS'],
  ['only the node has it', '4', '4', 'rejected NOBODY_LISTENS'],
])('%s', (_what, to, own, expected) => {
  expect(call('IPv4', to, own)).toBe(expected);
  expect(call('IPv6', to, own)).toBe(expected);
});

test('the node does not answer for it', () => expect(call('IPv4', '3', '3', 8)).toBe('rejected NOBODY_LISTENS'));
