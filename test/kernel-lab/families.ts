import type fc from 'fast-check';
import { topologyInBoth, twins } from './both.ts';
import type { Scenario } from './generate.ts';
import { inIpv6, topologyInIpv6 } from './ipv6.ts';

/** What is drawn with IPv4 addresses, in IPv6 or in both families; `first` is then the primary one. */
export function inFamily(scenario: fc.Arbitrary<Scenario>, family: string, first: 'IPv4' | 'IPv6'): fc.Arbitrary<Scenario> {
  if (family === 'both') return scenario.map((s) => withBoth(s, first));
  return family === 'IPv6' ? scenario.map(withIpv6) : scenario;
}

const withBoth = ({ text, flows, ...rest }: Scenario, first: 'IPv4' | 'IPv6'): Scenario => ({
  ...rest,
  text: topologyInBoth(text, first),
  flows: flows.flatMap((f) => twins(f.destination).map((destination) => ({ ...f, destination }))),
});

const withIpv6 = ({ text, flows, ...rest }: Scenario): Scenario => ({
  ...rest,
  text: topologyInIpv6(text),
  flows: flows.map((f) => ({ ...f, destination: inIpv6(f.destination) })),
});
