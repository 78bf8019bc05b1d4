import * as z from 'zod';
import type { FactSource } from '../../../k8s/fact.ts';
import { addressBits, type Prefix, parseCidr, prefixOf } from '../../../net/prefix.ts';
import { projected } from '../../../source/objects.ts';
import type { Machine } from './clues.ts';
import { annotation } from './cni/rows.ts';
import type { AnnotationName } from './names-read.ts';
import { fieldOf } from './saying.ts';

/** Prefixes that a node's addresses are known to have, and where it is written. */
export interface Told {
  readonly prefixes: readonly Prefix[];
  readonly source: FactSource;
}

const PREFIXED: readonly AnnotationName[] = ['projectcalico.org/IPv4Address', 'projectcalico.org/IPv6Address'];
const OVN_ADDRESS = 'k8s.ovn.org/node-primary-ifaddr' satisfies AnnotationName;
const OVN_HOST = 'k8s.ovn.org/host-cidrs' satisfies AnnotationName;
const OPENSHIFT_EGRESS = 'cloud.network.openshift.io/egress-ipconfig' satisfies AnnotationName;

const ovnAddress = projected(() => ({ ipv4: z.string().nullish(), ipv6: z.string().nullish() }));
const egressConfig = z.array(projected(() => ({ ifaddr: ovnAddress })));

/** Annotations that have the node's address with its prefix length. */
export function toldBy(machine: Machine): Told | null {
  const { object } = machine;
  if (object === null) return null;
  const annotations = object.data.metadata.annotations ?? {};
  const calico = PREFIXED.flatMap((key) => annotations[key] ?? []);
  const candidates: readonly (readonly [key: string | undefined, texts: readonly string[]])[] = [
    [annotation(machine, ...PREFIXED)?.key, calico],
    [OVN_ADDRESS, ovnAddresses(jsonIn(annotations[OVN_ADDRESS]))],
    [OVN_HOST, hostCidrs(jsonIn(annotations[OVN_HOST]), object.data.status?.addresses?.find((a) => a.type === 'InternalIP')?.address)],
    [OPENSHIFT_EGRESS, egressRanges(jsonIn(annotations[OPENSHIFT_EGRESS]))],
  ];
  for (const [key, texts] of candidates) {
    const prefixes = texts.flatMap(networkIn);
    if (key !== undefined && prefixes.length > 0) return { prefixes, source: fieldOf(object, 'metadata', 'annotations', key) };
  }
  return null;
}

/** An address with /32 tells nothing about the network that it is on. */
function networkIn(text: string): readonly Prefix[] {
  const parsed = parseCidr(text);
  return parsed === null || parsed.length === addressBits(parsed.address) ? [] : [prefixOf(parsed.address, parsed.length)];
}

function ovnAddresses(data: unknown): readonly string[] {
  const parsed = ovnAddress.safeParse(data);
  return parsed.success ? [parsed.data.ipv4, parsed.data.ipv6].filter((t) => t != null) : [];
}

function hostCidrs(data: unknown, address: string | undefined): readonly string[] {
  const parsed = z.array(z.string()).safeParse(data);
  return parsed.success ? parsed.data.filter((cidr) => cidr.split('/')[0] === address) : [];
}

function egressRanges(data: unknown): readonly string[] {
  const parsed = egressConfig.safeParse(data);
  return parsed.success ? ovnAddresses(parsed.data[0]?.ifaddr) : [];
}

function jsonIn(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
