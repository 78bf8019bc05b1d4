import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host } from '../k8s/cni.ts';
import type { IpAddress } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

/** As AWS_VPC_K8S_CNI_RANDOMIZESNAT has it: how the port is chosen. */
export const RANDOM_PORTS = ['prng', 'hashrandom', 'none'] as const;

const CHOICES = { prng: { randomFully: true }, hashrandom: { random: true }, none: {} } as const;

interface Masquerade {
  /** Of the node's eth0. */
  readonly primary: IpAddress;
  /** Destinations that see a pod's own address; null: something outside of the cluster translates. */
  readonly kept: readonly Prefix[] | null;
  readonly randomPorts: (typeof RANDOM_PORTS)[number];
  readonly vethPrefix: string;
}

/** The connection came in by eth0, and has to leave by it, whatever NIC the pod's address is of. */
export const PRIMARY_MARK = { value: 0x80, mask: 0x80 } as const;

const SNAT = 'AWS-SNAT-CHAIN-0';
const CONNMARK = 'AWS-CONNMARK-CHAIN-0';

/**
 * The plugin's rules of iptables. Those of nat come after kube-proxy's, which put themselves first, so that what is for a service is not
 * marked. Source: aws/amazon-vpc-cni-k8s, pkg/networkutils/network.go.
 */
export function writeAwsRules(host: Host, { primary, kept, randomPorts, vethPrefix }: Masquerade, origin: Origin): void {
  const { append } = host.rules.IPv4;
  const rule = (comment: string, target: Rule['target'], ...matches: readonly Match[]): Rule => ({ matches, target, comment, origin });
  const fromPods: Match = { kind: 'in-interface', name: `${vethPrefix}+`, negated: false };
  const restore: Rule['target'] = { kind: 'CONNMARK', action: 'restore', mask: PRIMARY_MARK.mask };
  const mark: Rule['target'] = { kind: 'CONNMARK', action: 'set', ...PRIMARY_MARK };
  append(
    'mangle',
    'PREROUTING',
    rule(
      'AWS, primary ENI',
      mark,
      { kind: 'in-interface', name: 'eth0', negated: false },
      { kind: 'dst-type', type: 'LOCAL', negated: false, on: 'in' },
    ),
    rule('AWS, primary ENI', restore, fromPods),
  );
  if (kept === null) return;
  const toKept = kept.map((prefix): Match => ({ kind: 'destination', prefix, negated: false }));
  append(
    'nat',
    'PREROUTING',
    rule('AWS, outbound connections', { kind: 'jump', chain: CONNMARK }, fromPods),
    rule('AWS, CONNMARK', restore),
  );
  append('nat', CONNMARK, ...toKept.map((to) => rule('AWS CONNMARK CHAIN, VPC CIDR', { kind: 'RETURN' }, to)));
  append('nat', CONNMARK, rule('AWS, CONNMARK', mark));
  append('nat', 'POSTROUTING', rule('AWS SNAT CHAIN', { kind: 'jump', chain: SNAT }));
  append('nat', SNAT, ...toKept.map((to) => rule('AWS SNAT CHAIN', { kind: 'RETURN' }, to)));
  append(
    'nat',
    SNAT,
    rule(
      'AWS, SNAT',
      { kind: 'SNAT', address: primary, ...CHOICES[randomPorts] },
      { kind: 'out-interface', name: 'vlan+', negated: true },
      { kind: 'dst-type', type: 'LOCAL', negated: true },
    ),
  );
}
