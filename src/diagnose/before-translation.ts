import type { PolicyHop } from '../hop/linux-hop.ts';
import { serviceAt } from '../k8s/address-index.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import { familyOf } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';

/**
 * Policies were asked about an address of a service that is translated later on, as Cilium does beside another plugin. Whether its programs translate such
 * an address themselves, and first, hangs on its settings (cilium issue 16197), so it is said where that would end otherwise.
 */
export function beforeTranslation(context: Context, { forward }: FlowPath): Assumption | null {
  const { cluster } = context;
  for (const hop of forward.hops) {
    if (hop.kind !== 'policy' || hop.direction !== 'egress') continue;
    const service = serviceAt(cluster, hop.packet.destination);
    const lets = isLet(hop.decision.verdict);
    if (service === null || !verdictsBehind(context, hop).some((v) => isLet(v) !== lets)) continue;
    const then = lets ? 'keep it in' : 'let it out';
    const message = `${hop.enforcer} beside ${cluster.cni.name} is taken to ask policies before the address of service ${service.namespace}/${service.name} is translated; where it translates that itself, they ${then}`;
    return { message, locus: cluster.enforcer.origin.locus };
  }
  return null;
}

const isLet = (verdict: PolicyHop['decision']['verdict']) => verdict === 'allow' || verdict === 'none';

/** The verdicts of policies on the same packet on its way to each endpoint. */
function verdictsBehind({ cluster }: Context, { pod: name, packet }: PolicyHop): readonly PolicyHop['decision']['verdict'][] {
  const pod = cluster.pods.get(name);
  const policing = policingOf(cluster);
  const { protocol, source, destination, destinationPort } = packet;
  const port = serviceAt(cluster, destination)?.ports.find((p) => p.port === destinationPort && p.protocol === protocol);
  if (pod === undefined || policing === null || port === undefined) return [];
  return port.endpoints
    .filter((e) => e.ready && familyOf(e.ip) === familyOf(destination))
    .map((e) => {
      const translated = { protocol, source, destination: e.ip, destinationPort: e.port, calledPort: destinationPort, fromWorld: false };
      return policing.decide(pod, 'egress', translated).verdict;
    });
}
