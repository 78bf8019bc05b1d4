import { describe, expect, it } from 'vitest';
import { endpointName, hashed, portChain, portPath } from '../../src/kube-proxy/nftables-names.ts';
import { parseAddress } from '../../src/net/address.ts';

/** Vectors of kube-proxy's own tests (Test_servicePortChainNameBase, Test_servicePortEndpointChainNameBase), and names from a cluster's nodes. */
const path = portPath('testing', 'service', 'tcp', 'http');
const at = (text: string, port: number) => {
  const ip = parseAddress(text);
  if (ip === null) throw new Error(text);
  return { ip, port };
};

describe('the names of chains', () => {
  it.each([
    [portPath('ns1', 'svc1', 'tcp', 'p80'), 'ULMVA6XW-ns1/svc1/tcp/p80'],
    [path, 'P4ZYZVCF-testing/service/tcp/http'],
    [portPath('default', 'kubernetes', 'tcp', 'https'), '2QRHZV4L-default/kubernetes/tcp/https'],
    [portPath('kube-system', 'kube-dns', 'udp', 'dns'), 'FY5PMXPG-kube-system/kube-dns/udp/dns'],
    // A port without a name.
    [portPath('riset', 'hellopod-np-svc', 'tcp', ''), 'P6J77WGM-riset/hellopod-np-svc/tcp/'],
  ])('%s', (port, name) => {
    expect((['service', 'local', 'external', 'firewall'] as const).map((kind) => portChain(kind, port))).toEqual([
      `service-${name}`,
      `local-${name}`,
      `external-${name}`,
      `firewall-${name}`,
    ]);
  });

  it.each([
    [portPath('ns1', 'svc1', 'tcp', 'p80'), at('10.180.0.1', 80), '5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80'],
    [portPath('ns1', 'svc1', 'tcp', 'p80'), at('fd00:10:180::1', 80), 'ZVRFLKHO-ns1/svc1/tcp/p80__fd00.10.180..1/80'],
    [path, at('10.180.0.1', 80), 'JO2XBXZR-testing/service/tcp/http__10.180.0.1/80'],
  ])('of an endpoint of %s', (port, endpoint, name) => {
    expect([endpointName('endpoint', port, endpoint), endpointName('affinity', port, endpoint)]).toEqual([
      `endpoint-${name}`,
      `affinity-${name}`,
    ]);
  });

  it('have an address as it is written', () => {
    const name = 'testing/service/tcp/http__fd80.abcd.12..a1b2.c3d4.e5f6.9999/80';
    expect(hashed(name)).toBe(`U7E2ET36-${name}`);
  });

  it('are cut to 240 characters behind the prefix, and are told apart by the hash', () => {
    const long = portPath('n'.repeat(63), 's'.repeat(63), 'sctp', 'p'.repeat(63));
    const [one, other] = ['1111', '2222'].map((last) =>
      endpointName('endpoint', long, at(`fd00:1111:2222:3333:4444:5555:6666:${last}`, 65535)),
    );
    expect(one).toMatch(/^endpoint-[A-Z2-7]{8}-n{63}\/s{63}\/sctp\/p{63}__fd00\.1111\.2222\.3333\.4444\.5555\.\.\.\.$/);
    expect(one?.length).toBe('endpoint-'.length + 240);
    expect(other).not.toBe(one);
  });
});
