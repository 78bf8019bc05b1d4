import * as z from 'zod';
import { projected } from '../../../source/objects.ts';
import { flag, list, metadata, number, text } from './meta.ts';

/** Custom resources of network plugins, and the fields of theirs that tell how packets go. */

const custom = <S extends z.ZodType>(spec: S) => projected(() => ({ metadata, spec: spec.nullish() }));

/** https://docs.tigera.io/calico/latest/reference/resources/ippool */
export const ipPoolSchema = custom(
  projected(() => ({ cidr: text, ipipMode: text, vxlanMode: text, natOutgoing: flag, blockSize: number, disabled: flag })),
);

/** A block's `affinity` is `host:NODE`. */
export const ipamBlockSchema = custom(projected(() => ({ cidr: text, affinity: text })));
export const blockAffinitySchema = custom(projected(() => ({ cidr: text, node: text, state: text })));

/** https://docs.tigera.io/calico/latest/reference/resources/felixconfig */
export const felixConfigurationSchema = custom(
  projected(() => ({ bpfEnabled: flag, ipipMTU: number, vxlanMTU: number, wireguardMTU: number })),
);

/** https://docs.tigera.io/calico/latest/reference/installation/api */
export const installationSchema = custom(
  projected(() => ({
    calicoNetwork: projected(() => ({
      mtu: number,
      ipPools: list(projected(() => ({ cidr: text, encapsulation: text, natOutgoing: text, blockSize: number }))),
    })).nullish(),
  })),
);

export const ciliumNodeSchema = custom(projected(() => ({ ipam: projected(() => ({ podCIDRs: list(z.string()) })).nullish() })));

/** `config.openshift.io/v1`; that of operator.openshift.io has other fields in `spec`, and no such status. */
export const networkSchema = projected(() => ({
  metadata,
  status: projected(() => ({
    clusterNetwork: list(projected(() => ({ cidr: text, hostPrefix: number }))),
    serviceNetwork: list(z.string()),
    networkType: text,
    clusterNetworkMTU: number,
  })).nullish(),
}));

/** Of OpenShift SDN: its fields are at the top. */
export const hostSubnetSchema = projected(() => ({ metadata, host: text, hostIP: text, subnet: text }));

/** https://github.com/Azure/azure-container-networking: what Azure CNI gave to a node. */
export const nodeNetworkConfigSchema = projected(() => ({
  metadata,
  status: projected(() => ({
    networkContainers: list(projected(() => ({ subnetAddressSpace: text, primaryIP: text, type: text, nodeIP: text }))),
  })).nullish(),
}));
