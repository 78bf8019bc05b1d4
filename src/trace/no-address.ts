import type { Netns } from '../datapath/netns.ts';
import { unserved } from '../diagnose/http-failure.ts';
import { unknownEndpoints } from '../diagnose/interpret-service.ts';
import type { Client } from '../hop/code.ts';
import type { Failure } from '../hop/failure.ts';
import type { Resolution } from '../k8s/dns/dns.ts';
import { endpointsIn, podIp } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import { isThere, type Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatAddress, type IpFamily } from '../net/address.ts';
import { type Found, podsOf } from '../query/found.ts';
import type { Question } from '../query/question.ts';
import { declared, inferred, type Origin } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type NoPacket, noPacket } from './no-packet.ts';

/** No address to call: the program's look-up fails, and no packet is sent. */
export function unresolved(question: Question, netns: Netns): FlowPath {
  const { target, resolution } = question;
  if (target.missing === 'name' && resolution !== null) return noPacket(question, netns, nameless(resolution, netns));
  return noPacket(question, netns, withoutAddress(question, netns));
}

function withoutAddress(question: Question, netns: Netns): NoPacket {
  const { target, destination, http, family } = question;
  const rejected = (failure: Failure): NoPacket => ({ outcome: 'rejected', client: 'name-not-found', failure });
  const service = destination.kind === 'service' ? destination.service : (http?.frontend?.service ?? null);
  const origin = service === null ? netns.origin : declared(service.locus);
  const unknown = unknownAddress(question, service);
  if (unknown !== null) return { outcome: 'undetermined', client: 'unknown', failure: unknown };
  if (target.missing === 'load-balancer')
    return rejected({ code: 'LOAD_BALANCER_PENDING', facts: { service: service?.name ?? '' }, origin });
  if (target.missing === 'controller' && http !== null) {
    const failure = unserved(http, origin);
    return failure.code === 'FACT_MISSING' ? { outcome: 'undetermined', client: 'unknown', failure } : rejected(failure);
  }
  const [called] = podsOf(destination);
  if (target.missing === 'pod' && called !== undefined) return notRunning(called, 'name-not-found');
  if (target.missing === 'family') return rejected(lackingFamily(question, service, netns));
  const port = target.servicePort;
  const some = port !== null && hasSome(port, family);
  const facts = { why: 'headless', service: service?.name ?? null } as const;
  return rejected({ code: some ? 'NO_READY_ENDPOINTS' : 'NO_ENDPOINTS', facts, origin });
}

/** The service has a load balancer, or endpoints, of which the input does not say the addresses; null: it says them, or that there are none. */
function unknownAddress({ target: { missing, servicePort } }: Question, service: Service | null): Failure<'FACT_MISSING'> | null {
  if (service === null) return null;
  const { name, locus, loadBalancerHostnames } = service;
  const [hostname] = loadBalancerHostnames;
  if (missing === 'load-balancer' && hostname !== undefined) {
    const facts = { why: 'load-balancer-name', service: name, hostname, command: `dig +short ${hostname}` } as const;
    return { code: 'FACT_MISSING', facts, origin: declared(locus) };
  }
  const command = missing === 'endpoints' ? (servicePort?.endpointsUnknown ?? null) : null;
  return command === null ? null : unknownEndpoints(service, command);
}

/** An end of the question that is not there: no packet. A source has no program that would be told anything. */
export function notRunning(pod: Pod, client: Client): NoPacket {
  const unknown = unknownPlace(pod);
  if (unknown !== null) return { outcome: 'undetermined', client: 'unknown', failure: unknown };
  const { name, phase, node, locus } = pod;
  const halted = isThere(pod) ? pod.halted : null;
  const facts = { pod: name, phase, isScheduled: node !== null, halted };
  // The address of a sandbox can be called: what is told then hangs on the way to it, which is not followed.
  return {
    outcome: 'rejected',
    client: halted === null ? client : 'unknown',
    failure: { code: 'POD_NOT_RUNNING', facts, origin: declared(locus) },
  };
}

/** A node without power: nothing on it runs. */
export const unpowered = ({ name, locus }: Node): NoPacket => ({
  outcome: 'rejected',
  client: 'unknown',
  failure: { code: 'NODE_NOT_READY', facts: { node: name }, origin: declared(locus) },
});

/** A pod of which the phase says that it runs has a node and an address, whether an object that was cut has them or not. */
function unknownPlace(pod: Pod): Failure<'FACT_MISSING'> | null {
  const { namespace, name, phase, node, locus } = pod;
  if (phase !== 'Running' || isThere(pod)) return null;
  const command = `kubectl get pod ${name} -n ${namespace} -o wide`;
  const facts = { why: 'pod-place', pod: name, lacks: node === null ? 'node' : 'address', command } as const;
  return { code: 'FACT_MISSING', facts, origin: declared(locus) };
}

/** Has the port an endpoint or a pod of this family, ready or not? */
const hasSome = (port: ServicePort, family: IpFamily): boolean =>
  endpointsIn(port, family).length > 0 || port.unresolved.some((p) => podIp(p, family) !== null);

/** The destination has addresses, but none of the only family that is asked. */
function lackingFamily(
  { destination: called, resolution, family }: Question,
  service: Service | null,
  netns: Netns,
): Failure<'IP_FAMILY_MISMATCH'> {
  const lacks = (
    destination: string,
    origin: Origin,
    why: 'service' | 'no-address' | 'no-socket' = 'no-address',
  ): Failure<'IP_FAMILY_MISMATCH'> => ({
    code: 'IP_FAMILY_MISMATCH',
    facts: { why, destination, family },
    origin,
  });
  if (service !== null) return lacks(service.name, declared(service.locus), 'service');
  switch (called.kind) {
    case 'pod': {
      const { pod } = called;
      return lacks(pod.name, declared(pod.locus), podIp(pod, family) === null ? 'no-address' : 'no-socket');
    }
    case 'node':
      return lacks(called.node.name, declared(called.node.locus));
    case 'host':
      return lacks(called.host.name, called.host.origin);
    default:
      return lacks(resolution?.question ?? nameOf(called), netns.origin);
  }
}

function nameOf(destination: Exclude<Found, { kind: 'pod' | 'node' | 'host' }>): string {
  switch (destination.kind) {
    case 'service':
      return destination.service.name;
    case 'workload':
      return destination.workload.name;
    case 'address':
      return formatAddress(destination.address);
    case 'url':
      return destination.url;
    case 'name':
      return destination.name;
  }
}

/** A name without an address; the words for it come later. */
function nameless({ asker, found }: Resolution, netns: Netns): NoPacket {
  const origin = inferred(asker.kind === 'pod' ? asker.pod.locus : netns.origin.locus);
  if (found.kind === 'unknown') {
    const facts = { why: 'name', name: found.name } as const;
    const alias = found.aliases.at(-1)?.externalName?.locus;
    const failure: Failure = { code: 'FACT_MISSING', facts, origin: alias === undefined ? origin : declared(alias) };
    return { outcome: 'undetermined', client: 'unknown', failure };
  }
  return {
    outcome: 'rejected',
    client: 'name-not-found',
    failure: { code: 'NO_SUCH_NAME', facts: { why: 'no-address' }, origin },
  };
}
