import type { Failure } from '../hop/failure.ts';
import { servicesSharing, sharedBy } from '../k8s/address-index.ts';
import { key } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import { at, declared } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Walk } from '../walk/walk.ts';
import type { Context } from './context.ts';
import { undecided } from './undecided.ts';

/** A packet to an address that two running pods have: which of them gets it, no object says. */
export function atSharedAddress({ cluster }: Context, path: FlowPath): FlowPath {
  const { destination } = path.forward.packet;
  const pods = sharedBy(cluster, destination);
  const [first] = pods;
  if (first === undefined) return path;
  const facts = { why: 'address-twice', address: formatAddress(destination), pods: pods.map(key) } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(first.locus) };
  return { ...undecided(path, failure, 'forward'), ack: null, data: null };
}

/** A ClusterIP and port of two services: kube-proxy writes the rules of both, and whose come first is not said. */
export function atSharedClusterIp({ cluster, datapath }: Context, path: FlowPath): FlowPath {
  const { forward } = path;
  const [sent] = forward.hops;
  if (sent === undefined) return path;
  const { destination, destinationPort, protocol } = sent.packet;
  const isCalled = ({ ports }: Service) => ports.some((p) => p.port === destinationPort && p.protocol === protocol);
  const services = servicesSharing(cluster, destination).filter(isCalled);
  const [first, second] = services;
  if (first === undefined || second === undefined) return path;
  const ruled = forward.hops.findIndex((h) => h.kind === 'nat' || h.kind === 'filter');
  const last = forward.hops[ruled < 1 ? forward.hops.length - 1 : ruled - 1] ?? sent;
  const netns = datapath.netns(last.netns) ?? forward.netns;
  const facts = { why: 'cluster-ip-twice', address: formatAddress(destination), services: services.map(key) } as const;
  const failure: Failure<'FACT_MISSING'> = { code: 'FACT_MISSING', facts, origin: declared(at(second.locus, 'clusterIP')) };
  const before: Walk = { ...forward, hops: forward.hops.slice(0, forward.hops.indexOf(last) + 1), netns, packet: last.packet };
  return undecided({ ...path, forward: before, ack: null, data: null }, failure, 'forward');
}
