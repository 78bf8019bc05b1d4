import { byProgram, NO_REMEDY, type Restore } from './cause.ts';
import type { OfRules } from './edit-rules.ts';

const AT_POD = 'when the pod is made again';

/**
 * The programs that write chains of these names, longest names first. Sources: the programs' own constants. portmap writes the ports of a
 * pod only when the pod is created.
 */
const WRITERS: readonly (readonly [RegExp, Restore])[] = [
  [/^KUBE-(POD-FW|NWPLCY|ROUTER)/, byProgram('kube-router')],
  [/^KUBE-(FIREWALL|KUBELET)/, byProgram('kubelet')],
  [/^KUBE-/, byProgram('kube-proxy')],
  [/^FLANNEL-/, byProgram('flanneld')],
  [/^CNI-/, byProgram('the CNI plugin', AT_POD)],
  [/^(filter-|nat-|mangle-|raw-)?cali-/, byProgram('calico-node')],
  [/^CILIUM_/, byProgram('cilium-agent')],
  [/^WEAVE-NPC/, byProgram('weave-npc')],
  [/^WEAVE/, byProgram('weave-net')],
  [/^AZURE-NPM/, byProgram('azure-npm')],
  [/^KIND-MASQ/, byProgram('kindnetd')],
  [/^IP-MASQ/, byProgram('ip-masq-agent')],
];

const ofChain = (chain: string | null): Restore | null =>
  chain === null ? null : (WRITERS.find(([name]) => name.test(chain))?.[1] ?? null);

/** The program that writes the rules of a chain, or else those that jump to `target`. */
export function writerOf(what: OfRules, chain: string, target: string | null): Restore {
  if (what.kind === 'nft' && what.table === 'kube-proxy') return byProgram('kube-proxy');
  return ofChain(chain) ?? ofChain(target) ?? NO_REMEDY;
}
