import { belowAll } from '../datapath/sysctl.ts';
import { key } from '../k8s/pod.ts';
import type { Lint } from './lint.ts';

/** Settings of one device that `all` takes the effect from. */
export const sysctls: Lint = ({ nodes, pods, underlay, gateway }, datapath, report) => {
  const machines = [
    ...[...nodes.values()].map((node) => ({ netns: node.name, overrides: node.overrides })),
    ...[...pods.values()].map((pod) => ({ netns: key(pod), overrides: pod.overrides })),
    ...underlay.routers.map((router) => ({ netns: router.name, overrides: router.overrides })),
    ...(gateway === null ? [] : [{ netns: 'gateway', overrides: gateway.overrides }]),
  ];
  for (const { netns, overrides } of machines) {
    if (overrides.sysctls.size === 0) continue;
    for (const { name, value, origin, all } of belowAll(datapath.netns(netns)?.sysctls ?? overrides.sysctls)) {
      if (origin.locus === null) continue;
      const sets = all.origin.evidence === 'declared' ? 'is' : 'is, unless stated,';
      const why = `${name} ${value} changes nothing on ${netns}: ${all.name} ${sets} ${all.value}, and the greater of the two counts`;
      report(origin.locus, 'sysctl-below-all', why, `${all.name}: ${value}`);
    }
  }
};
