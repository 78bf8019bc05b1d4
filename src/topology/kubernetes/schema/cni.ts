import * as z from 'zod';
import { flag, list, metadata, number, text } from './meta.ts';

/** Custom resources of network plugins, and the fields of theirs that tell how packets go. */

const custom = <S extends z.ZodType>(spec: S) => z.object({ metadata, spec: spec.nullish() });

/** https://docs.tigera.io/calico/latest/reference/resources/ippool */
export const ipPoolSchema = custom(
  z.object({ cidr: text, ipipMode: text, vxlanMode: text, natOutgoing: flag, blockSize: number, disabled: flag }),
);

/** A block's `affinity` is `host:NODE`. */
export const ipamBlockSchema = custom(z.object({ cidr: text, affinity: text }));
export const blockAffinitySchema = custom(z.object({ cidr: text, node: text, state: text }));

/** https://docs.tigera.io/calico/latest/reference/resources/felixconfig */
export const felixConfigurationSchema = custom(z.object({ bpfEnabled: flag, ipipMTU: number, vxlanMTU: number, wireguardMTU: number }));

/** https://docs.tigera.io/calico/latest/reference/installation/api */
export const installationSchema = custom(
  z.object({
    calicoNetwork: z
      .object({ mtu: number, ipPools: list(z.object({ cidr: text, encapsulation: text, natOutgoing: text, blockSize: number })) })
      .nullish(),
  }),
);

export const ciliumNodeSchema = custom(z.object({ ipam: z.object({ podCIDRs: list(z.string()) }).nullish() }));

/** `config.openshift.io/v1`; that of operator.openshift.io has other fields in `spec`, and no such status. */
export const networkSchema = z.object({
  metadata,
  status: z
    .object({
      clusterNetwork: list(z.object({ cidr: text, hostPrefix: number })),
      serviceNetwork: list(z.string()),
      networkType: text,
      clusterNetworkMTU: number,
    })
    .nullish(),
});

/** Of OpenShift SDN: its fields are at the top. */
export const hostSubnetSchema = z.object({ metadata, host: text, hostIP: text, subnet: text });

/** https://github.com/Azure/azure-container-networking: what Azure CNI gave to a node. */
export const nodeNetworkConfigSchema = z.object({
  metadata,
  status: z
    .object({
      networkContainers: list(z.object({ subnetAddressSpace: text, primaryIP: text, type: text, nodeIP: text })),
    })
    .nullish(),
});
