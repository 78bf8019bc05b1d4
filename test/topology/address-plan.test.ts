import { describe, expect, test } from 'vitest';
import { loadNetwork } from '../../src/index.ts';
import { formatAddress } from '../../src/net/address.ts';
import { file, SMALLEST, told } from './sources.ts';

/** The common faults of an address plan are in fixtures/invalid; these are the ones that only derived addresses and ranges have. */

const lan = 'underlay:\n  segments: [{ name: lan, cidr: 192.168.1.0/24 }]\n';

describe('derived addresses and ranges count too', () => {
  test.each([
    [
      'a pod range in the /24 that nodes have without an underlay',
      SMALLEST.replace('10.244.0.0/16', '192.168.1.128/25').replace('10.244.1.0/24', '192.168.1.128/26'),
      'ranges-overlap',
    ],
    [
      "a pod's second address that is its bridge's",
      `${SMALLEST}pods: [{ name: pod-a, node: node-1, addresses: [{ ip: 10.244.1.1, dev: eth0 }] }]\n`,
      'duplicate-address',
    ],
    [
      'a router with the name of the gateway',
      `${SMALLEST}${lan}  routers: [{ name: gateway, interfaces: [{ segment: lan, ip: 192.168.1.254 }] }]\ninternet: { gateway: { ip: 192.168.1.1 } }\n`,
      'reserved-name',
    ],
  ])('%s: %#', (_name, text, code) => {
    expect(told(file(text)).map((d) => [d.severity, d.code])).toContainEqual(['error', code]);
  });

  const addressesOf = (text: string) => {
    const loaded = loadNetwork([file(text)]);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
    return [...loaded.value.cluster.pods.values()].flatMap((p) => p.ips.map((i) => formatAddress(i.address)));
  };

  // host-local: the first address is the bridge's, then one after the other; what is stated is not given out again.
  test.each([
    ['in file order from .2', '{ name: a, node: node-1 }, { name: b, node: node-1 }', ['10.244.1.2', '10.244.1.3']],
    [
      'past one that a later pod states',
      '{ name: a, node: node-1 }, { name: b, node: node-1 }, { name: c, node: node-1, ip: 10.244.1.3 }',
      ['10.244.1.2', '10.244.1.4', '10.244.1.3'],
    ],
    [
      "past another pod's second address",
      '{ name: a, node: node-1, ip: 10.244.1.9, addresses: [{ ip: 10.244.1.2, dev: eth0 }] }, { name: b, node: node-1 }',
      ['10.244.1.9', '10.244.1.3'],
    ],
  ])('pods without an address get the next free one: %s', (_name, pods, addresses) => {
    expect(addressesOf(`${SMALLEST}pods: [${pods}]\n`)).toEqual(addresses);
  });

  test("past an address that is stated on the node's bridge", () => {
    const text = SMALLEST.replace('podCIDR: 10.244.1.0/24 }', 'podCIDR: 10.244.1.0/24, addresses: [{ ip: 10.244.1.2, dev: cni0 }] }');
    expect(addressesOf(`${text}pods: [{ name: a, node: node-1 }]\n`)).toEqual(['10.244.1.3']);
  });
});
