import { variableOf } from '../programs.ts';
import { assumes, declares, follows, RFC_1918, ranges } from '../saying.ts';
import type { CniRows } from './rows.ts';

export const AWS_PROGRAMS = ['aws-node'];

const JUMBO = 9001;

/** https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md */
export const awsVpcCni: CniRows = {
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

function ofVariable(clues: Parameters<CniRows['mode']>[0]) {
  const found = variableOf(clues, AWS_PROGRAMS, 'AWS_VPC_ENI_MTU');
  return found === null || !/^\d+$/.test(found.value) ? null : declares(found.source, Number(found.value), 'AWS_VPC_ENI_MTU');
}
