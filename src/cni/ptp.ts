import * as z from 'zod';
import type { Cni, Host } from '../k8s/cni.ts';
import { mtu } from '../source/fields.ts';
import { field, strict } from '../source/objects.ts';
import type { Origin } from '../source/origin.ts';
import { viaNodes } from './host-gateway.ts';
import { masqueradePod } from './ip-masq.ts';
import { masquerade } from './masquerade.ts';
import { withinNic } from './mtu.ts';
import { plugin } from './plugin.ts';
import { mapPorts } from './portmap.ts';
import { addPair, plannedPairs } from './veth-pairs.ts';

/** The reference plugin `ptp`, alone. */
export const ptp = plugin({
  config: strict(() => ({
    plugin: field(z.literal('ptp'), 'The CNI plugin that connects the pods.'),
    mtu: field(mtu().optional(), 'MTU of the veth pairs, in bytes.'),
    ipMasq: field(
      z.boolean().optional(),
      "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
    ),
  })),
  mode: () => 'ptp',
  configure: ({ mtu, ipMasq = false }, origin, setting) => configured({ mtu: mtu ?? withinNic(setting), ipMasq }, origin),
});

interface PtpConfig {
  readonly mtu: number;
  readonly ipMasq: boolean;
}

/** The name of a topology's network: the plugins name their chains after it. */
const NETWORK = 'ptp';

function configured(config: PtpConfig, origin: Origin): Cni {
  return {
    plugin: 'ptp',
    name: 'ptp',
    origin,
    mtu: config.mtu,
    guess: null,
    fabric: null,
    ranges: true,
    masquerades: { by: 'cluster', keeps: null },
    ...plannedPairs,
    betweenNodes: viaNodes,
    program: (host) => program(host, config, origin),
  };
}

function program(host: Host, { mtu, ipMasq }: PtpConfig, origin: Origin): void {
  for (const pod of host.pods) {
    addPair(host, pod, mtu);
    if (ipMasq) masqueradePod(host, pod, NETWORK, origin);
  }
  mapPorts(host, NETWORK, (pod) => pod.vethName);
  masquerade(host);
}
