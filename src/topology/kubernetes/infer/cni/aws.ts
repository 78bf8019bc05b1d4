import { cidr, parseCidr, prefixOf } from '../../../../net/prefix.ts';
import type { Clues } from '../clues.ts';
import type { VariableName } from '../names-read.ts';
import { variableOf } from '../programs.ts';
import { assumes, declares, follows, RFC_1918, ranges } from '../saying.ts';
import type { CniRows, Model } from './rows.ts';

export const AWS_PROGRAMS = ['aws-node'];

const JUMBO = 9001;

/** https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md */
export const awsVpcCni: CniRows = {
  model: modelOf,
  mode: () => [follows(null, 'fabric', "the VPC delivers to the pods' addresses")],
  podCidrs: () => [follows(null, null, "pods have addresses of the VPC's subnets")],
  nodeRanges: () => [follows(null, [], 'a node has single addresses of its subnet')],
  mtu: (clues) => [ofVariable(clues), assumes(JUMBO, "the plugin's default")],
  nodeMtu: (clues) => [ofVariable(clues), assumes(JUMBO, "the plugin's default")],
  masquerade(clues) {
    const external = variableOf(clues, AWS_PROGRAMS, 'AWS_VPC_K8S_CNI_EXTERNALSNAT');
    if (external?.value === 'true') return [declares(external.source, [], 'AWS_VPC_K8S_CNI_EXTERNALSNAT: something outside translates')];
    const excluded = variableOf(clues, AWS_PROGRAMS, 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS');
    const own = excluded === null ? null : ranges(excluded.source, excluded.value, 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS');
    const also = own !== null && Array.isArray(own.value) ? own.value : [];
    return [assumes([...RFC_1918, ...also], "no object has the VPC's ranges: those of private networks are taken for them")];
  },
  commands: { mtu: 'kubectl get daemonset aws-node -n kube-system -o json' },
};

const told = (clues: Clues, name: VariableName) => variableOf(clues, AWS_PROGRAMS, name)?.value ?? null;

/** No object has the ranges of the VPC, and none which NIC of a node has a pod's address. */
function modelOf(clues: Clues): Model {
  if (told(clues, 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') === 'true')
    return { why: 'pods have addresses of further NICs (AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG), and no object tells which' };
  if (told(clues, 'ENABLE_POD_ENI') === 'true') return { why: 'pods may have NICs of their own (ENABLE_POD_ENI), which have no model' };
  const excluded = (told(clues, 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS') ?? '').split(',').map((word) => parseCidr(word.trim()));
  const vethPrefix = told(clues, 'AWS_VPC_K8S_CNI_VETHPREFIX') ?? 'eni';
  return {
    config: {
      plugin: 'aws-vpc-cni',
      ...(/^(?!eth|vlan|lo$)[a-z][a-z0-9]{0,3}$/.test(vethPrefix) ? { vethPrefix } : {}),
      vpcCIDRs: RFC_1918.map(cidr),
      excludeSNATCIDRs: excluded.flatMap((p) => (p === null ? [] : [prefixOf(p.address, p.length)])),
      externalSNAT: told(clues, 'AWS_VPC_K8S_CNI_EXTERNALSNAT') === 'true',
    },
  };
}

function ofVariable(clues: Clues) {
  const found = variableOf(clues, AWS_PROGRAMS, 'AWS_VPC_ENI_MTU');
  return found === null || !/^\d+$/.test(found.value) ? null : declares(found.source, Number(found.value), 'AWS_VPC_ENI_MTU');
}
