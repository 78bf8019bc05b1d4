import type { TransportProtocol } from '../../k8s/pod.ts';
import type { Policy, PolicyPeer } from '../../k8s/policy/policy.ts';
import type { Prefix } from '../../net/prefix.ts';
import { type Diagnostic, diagnosticOf } from '../../source/diagnostic.ts';
import { type HiddenCidr, isHiddenCidr, type WrittenCidr } from '../schema/ip-block.ts';
import type { Cursor } from './cursor.ts';

/** Values that policies of all kinds have. */

type Stated = WrittenCidr | HiddenCidr;

/** A peer by address blocks; `except` are parts of the first. `at`: where each is, the parts after the blocks. */
export function blocksPeer(
  { locus }: Cursor,
  cidrs: readonly Stated[],
  except: readonly Stated[],
  at: (field: 'cidr' | 'except', index: number) => Cursor,
): PolicyPeer {
  const hidden = [...cidrs, ...except].find(isHiddenCidr);
  const read = (all: readonly Stated[], field: 'cidr' | 'except') =>
    all.flatMap((cidr, i) => (isHiddenCidr(cidr) ? [] : [prefixOfCidr(at(field, i), cidr)]));
  const [known, left] = [read(cidrs, 'cidr'), read(except, 'except')];
  if (hidden === undefined) return { kind: 'networks', cidrs: known, except: left, locus };
  const within = cidrs.length === 1 ? (known[0] ?? null) : null;
  return { kind: 'redacted', text: hidden.hidden, within, locus };
}

/** Says once that the input hides what policies are about. */
export function noteHidden(policies: readonly Policy[], found: Diagnostic[]): void {
  const first = firstHidden(policies);
  if (first === null || found.some((d) => d.message.endsWith(HIDDEN_BLOCKS))) return;
  const message = `${first.text}: ${HIDDEN_BLOCKS}`;
  found.push(
    diagnosticOf(first.locus, { severity: 'note', code: 'redacted', message, hint: 'state the ranges where an answer hangs on them' }),
  );
}

function firstHidden(policies: readonly Policy[]): Extract<PolicyPeer, { kind: 'redacted' }> | null {
  for (const { ingress, egress } of policies)
    for (const rules of [ingress, egress])
      for (const { peers } of rules ?? []) for (const peer of peers ?? []) if (peer.kind === 'redacted') return peer;
  return null;
}

const HIDDEN_BLOCKS = 'address blocks of policies are redacted, and what hangs on one is not known';

function prefixOfCidr(here: Cursor, { prefix, better }: WrittenCidr): Prefix {
  if (better !== null) here.warn('cidr-not-canonical', `this is read as ${better}, the network that it is in`, `write ${better}`);
  return prefix;
}

/** TCP by default. Source: SetDefaults_NetworkPolicyPort. */
export const protocolOf = (text: 'TCP' | 'UDP' | 'SCTP' | null | undefined): TransportProtocol => PROTOCOLS[text ?? 'TCP'];

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;
