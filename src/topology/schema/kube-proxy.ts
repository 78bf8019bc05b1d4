import * as z from 'zod';
import { deviceName, oneOf, prefix, whole } from '../../source/fields.ts';
import { checked, field, MALFORMED, strict } from '../../source/objects.ts';

/** kube-proxy's configuration, in its own words. */

/** Modes that people have in their clusters, and would take for a typo of ours if they were only unknown. */
const OTHER_MODES = ['userspace', 'kernelspace', 'ebpf'];

export const proxyMode = oneOf(['iptables', 'nftables', 'ipvs', 'none'], OTHER_MODES);

const OTHER_SCHEDULERS = ['wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'mh', 'sed', 'nq', 'fo', 'ovf'];

/** As --cluster-cidr takes them: two are joined by a comma, and an empty text is none. */
const commaSeparated = z
  .string({ error: 'expected a prefix, as 10.244.0.0/16, one of each IP family, or ""' })
  .transform((text, context) =>
    text === ''
      ? []
      : text.split(',').flatMap((part) => {
          const read = prefix.safeParse(part.trim());
          if (read.success) return [read.data];
          context.addIssue({ code: 'custom', message: read.error.issues[0]?.message ?? 'expected a prefix' });
          return [];
        }),
  );

const options = strict(() => ({
  mode: field(proxyMode.optional(), 'How kube-proxy programs a node; none: nobody programs services.'),
  clusterCIDR: field(
    z.union([commaSeparated, z.array(prefix)]).optional(),
    'The range that pods are told from others by, one of each IP family with a comma between; left out, podCIDR. Empty: nothing is local, so that nothing is masqueraded on its way to a ClusterIP.',
  ),
  detectLocalMode: field(
    oneOf(['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']).optional(),
    "By what it tells packets of pods from others: clusterCIDR, the node's podCIDR, or the device that they come in by.",
  ),
  bridgeInterface: field(deviceName.optional(), 'With BridgeInterface: the bridge that packets of pods come in by.'),
  interfaceNamePrefix: field(deviceName.optional(), 'With InterfaceNamePrefix: the beginning of the names of the devices.'),
  masqueradeAll: field(z.boolean().optional(), 'Masquerade all that goes to a ClusterIP.'),
  masqueradeBit: field(whole(0, 31).optional(), 'The bit of the mark that asks for masquerading.'),
  nodePortAddresses: field(
    z.array(z.union([oneOf(['primary']), prefix])).optional(),
    "The ranges of a node's own addresses that answer node ports; primary: the node's own ip. Left out, all of them, in mode nftables primary.",
  ),
  registered: field(
    oneOf(['afterCNI', 'beforeCNI']).optional(),
    'Whether its base chains came after those of the CNI plugin, or before: of two at one place the one that came last runs first.',
  ),
  localhostNodePorts: field(z.boolean().optional(), 'In mode iptables: do node ports answer on 127.0.0.1 too?'),
  scheduler: field(
    oneOf(['rr'], OTHER_SCHEDULERS).optional(),
    'In mode ipvs: how a virtual server chooses a destination; rr: each in turn.',
  ),
  strictARP: field(
    z.boolean().optional(),
    'In mode ipvs: nodes do not answer ARP for the addresses of services (arp_ignore 1, arp_announce 2).',
  ),
}));

const checkedOptions = checked(options, (value, wrong) => {
  const { detectLocalMode: detect = 'ClusterCIDR' } = value;
  for (const [needed, by] of [['bridgeInterface', 'BridgeInterface'] as const, ['interfaceNamePrefix', 'InterfaceNamePrefix'] as const]) {
    if (detect === by && value[needed] === undefined) wrong(needed);
    if (detect !== by && value[needed] !== undefined) wrong(needed, `this is read with detectLocalMode ${by} only`);
  }
  const { nodePortAddresses: addresses } = value;
  if (addresses !== undefined && addresses !== MALFORMED && addresses.length > 1 && addresses.includes('primary'))
    wrong('nodePortAddresses', 'primary stands alone: it is an address of each family');
});

/** The keys that one mode alone reads. */
export const MODE_OF_KEY = { localhostNodePorts: 'iptables', scheduler: 'ipvs', strictARP: 'ipvs' } as const;

export const kubeProxy = z.union([proxyMode, checkedOptions]);
