import { missingControllerLabels } from '../../k8s/controller-labels.ts';
import { podIp } from '../../k8s/families.ts';
import { type Idle, scaleUp } from '../../k8s/idle.ts';
import type { Pod } from '../../k8s/pod.ts';
import type { ServicePort } from '../../k8s/service.ts';
import type { IpFamily } from '../../net/address.ts';
import { nearestLabels } from '../../source/suggest.ts';
import type { ServicePortInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

/** The most common fault of all: a string that does not match. Says which pods come nearest, and by which labels. */
export function warnNothingSelected(at: Cursor, selector: ReadonlyMap<string, string>, pods: readonly Pod[], idle: Idle | null): void {
  if (idle !== null) {
    const words = `${idle.kind} ${idle.name}, whose pods it would select, has replicas: 0`;
    at.warn('selector-matches-nothing', words, `scale it up: ${scaleUp(idle)}`);
    return;
  }
  // Labels that only a controller gives may well be there: the pods of a file written by hand do not state them.
  if (pods.some((p) => missingControllerLabels(selector, p) !== null)) return;
  const wanted = [...selector].map(([k, v]) => `${k}=${v}`).join(',');
  const candidates = nearestLabels(
    selector,
    pods.map((p) => p.labels),
  );
  const hint = candidates.length === 0 ? null : `the nearest labels of pods are: ${candidates.join(', ')}`;
  at.warn('selector-matches-nothing', `no pod of this namespace has the labels ${wanted}`, hint);
}

/** Pods are selected, and none has an address of a family of the service: an EndpointSlice is of one family, so it gets no endpoint. */
export function warnOtherFamily(
  at: Cursor,
  selector: ReadonlyMap<string, string>,
  pods: readonly Pod[],
  families: readonly IpFamily[],
): void {
  if (pods.length === 0 || pods.some((p) => families.some((f) => podIp(p, f) !== null))) return;
  const labels = [...selector].map(([k, v]) => `${k}=${v}`).join(',');
  const names = pods.slice(0, 8).map((p) => p.name);
  at.warn(
    'selector-matches-nothing',
    `no pod with the labels ${labels} has an address of ${families.join(' or ')}, which the service is of: ${names.join(', ')}`,
    'give the service a clusterIP of the family that its pods have',
  );
}

/** A target port by a name that the selected pods, or some of them, do not have. */
export function warnUnresolved(
  at: Cursor,
  port: ServicePortInput,
  chosen: readonly Pod[],
  found: Pick<ServicePort, 'endpoints' | 'unresolved'>,
): void {
  const { targetPort = port.port, protocol = 'tcp' } = port;
  if (typeof targetPort === 'string' && chosen.length > 0 && found.unresolved.length > 0 && found.endpoints.length === 0)
    warnNoSuchPort(at.at(port.targetPort === undefined ? 'port' : 'targetPort'), targetPort, protocol, chosen);
  if (found.unresolved.length > 0 && found.endpoints.length > 0)
    at.at('targetPort').warn(
      'target-port-unresolved',
      `${found.unresolved.map((p) => p.name).join(', ')} of the selected pods ${found.unresolved.length === 1 ? 'has' : 'have'} no ${protocol} container port named ${targetPort}, and so no share of the traffic`,
    );
}

function warnNoSuchPort(at: Cursor, name: string, protocol: string, pods: readonly Pod[]): void {
  const ports = pods.flatMap((p) =>
    p.containers.flatMap((c) => c.ports.map((q) => ({ name: q.name, text: `${q.name ?? q.port}/${q.protocol}` }))),
  );
  const otherProtocol = ports.some((p) => p.name === name);
  const message = otherProtocol
    ? `the pods' port ${name} has another protocol than ${protocol}, so it does not count`
    : `none of the selected pods has a container port named ${name}`;
  const known = [...new Set(ports.map((p) => p.text))];
  at.warn('target-port-unresolved', message, known.length === 0 ? null : `they have ${known.slice(0, 8).join(', ')}`);
}
