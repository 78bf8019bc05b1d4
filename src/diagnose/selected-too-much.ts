import { selects } from '../k8s/label-index.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { pairsOf } from '../source/suggest.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/**
 * A service of which other pods listen where this one does not: what would help this pod breaks those, so it is the selector that is too
 * wide. Empty when no other pod listens there.
 */
export function selectedTooMuch({ path }: Scene, service: Service, pod: Pod): readonly Fix[] {
  const { destinationPort, protocol } = path.forward.packet;
  const pods = new Set(service.ports.filter((p) => p.explicitEndpoints === null).flatMap((p) => p.endpoints.flatMap((e) => e.pod ?? [])));
  // On a host's network some process of the host may listen, whatever the pod's own do.
  const listens = ({ containers, socketsUnknown, hostNetwork }: Pod) =>
    socketsUnknown ||
    hostNetwork ||
    containers.some((c) => [...c.ports, ...c.listen].some((s) => s.port === destinationPort && s.protocol === protocol));
  const right = [...pods].filter((p) => p !== pod && listens(p));
  const [first] = right;
  if (first === undefined) return [];
  const wrong = [...pods].filter((p) => !right.includes(p));
  const others = right.length === 1 ? first.name : `${first.name} and ${right.length - 1} more`;
  const why = `${others} ${right.length === 1 ? 'listens' : 'listen'} on ${destinationPort}/${protocol}, and ${pod.name} (${place(pod.locus)}) does not`;
  const where = `the selector of service ${service.name} (${place(at(service.locus, 'selector'))})`;
  const pair = pairsOf(first.labels)
    .map((text) => text.split('='))
    .find(([name = '', value]) => right.every((p) => p.labels.get(name) === value) && wrong.every((p) => p.labels.get(name) !== value));
  const [name, value] = pair ?? [];
  if (name === undefined || value === undefined)
    return [advised('value', `narrow ${where}, with a label that only the right pods have: ${why}`)];
  const narrow = new Map([...service.selector, [name, value]]);
  if (!right.every((p) => selects(narrow, p.labels))) return [];
  return [edited(`narrow ${where} with ${name}: ${value}: ${why}`, set(at(service.locus, 'selector', name), value))];
}
