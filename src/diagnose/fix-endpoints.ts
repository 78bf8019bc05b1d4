import { podIp } from '../k8s/families.ts';
import { idleFor, scaleUp } from '../k8s/idle.ts';
import { selects } from '../k8s/label-index.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { type Edit, remove, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { sentence } from '../source/sentence.ts';
import { nearestLabels, pairsOf } from '../source/suggest.ts';
import { endpointsOfFamily } from './fix-families.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when a service has no endpoints. */

export const noEndpoints: Fixer<'NO_ENDPOINTS'> = (scene) => {
  const { service, context, facts, origin } = scene;
  if (service === null) return [];
  if (facts.why === 'not-running') {
    const see = `see why ${facts.pod} does not run (${place(origin.locus)}): kubectl -n ${service.namespace} describe pod ${facts.pod}`;
    return [advised('hint', see)];
  }
  const { cluster, question } = context;
  const down = idleFor(cluster, service);
  if (down !== null) return [advised('elsewhere', `scale ${down.kind} ${down.name} up (${place(down.locus)}): ${scaleUp(down)}`)];
  const otherFamily = endpointsOfFamily(cluster, service, question.family);
  if (otherFamily.length > 0) return otherFamily;
  const unnamed = service.ports.find((p) => p.statedWithoutName !== undefined && p.statedWithoutName === origin.locus);
  if (unnamed !== undefined && origin.locus !== null)
    return [
      edited(
        `name the port in the stated endpoints: port: ${unnamed.name} (${place(origin.locus)})`,
        set(at(origin.locus, 'port'), unnamed.name),
      ),
    ];
  const pods = [...cluster.pods.values()].filter((p) => p.ips.length === 0 || podIp(p, question.family) !== null);
  if (service.ports.some((p) => p.explicitEndpoints !== null)) return [ofStated(scene, service, pods)];
  const { selector, namespace, name } = service;
  if (selector.size === 0) return [advised('value', `give service ${name} a selector, or state its endpoints (${place(service.locus)})`)];
  const elsewhere = pods.find((p) => p.namespace !== namespace && selects(selector, p.labels));
  return [elsewhere === undefined ? otherSelector(service, pods) : otherNamespace(scene, service, elsewhere)];
};

/** Stated endpoints hide the pods that the selector matches. */
function ofStated({ origin }: Scene, { selector, namespace }: Service, pods: readonly Pod[]): Fix {
  const words = `add addresses to the stated endpoints (${place(origin.locus)}), or take them away so that the selector counts`;
  const matches = selector.size > 0 && pods.some((p) => p.namespace === namespace && selects(selector, p.labels));
  return matches && origin.locus !== null ? edited(words, remove(origin.locus)) : advised('value', words);
}

function otherNamespace({ context: { cluster, question } }: Scene, service: Service, pod: Pod): Fix {
  const { name, namespace, locus } = service;
  const words = `put service ${name} (${place(locus)}) into the namespace of its pods: ${key(pod)} (${place(pod.locus)}) has these labels, but a service selects only in its own, which is ${namespace}`;
  if (cluster.services.has(`${pod.namespace}/${name}`)) return advised('choice', words);
  const { port, protocol } = question.target;
  const destination = `${pod.namespace}/svc/${name}${port === null ? '' : `:${port}/${protocol}`}`;
  const edits = [set(at(locus, 'namespace'), pod.namespace)];
  const byName = question.destination.kind === 'service' ? { instead: { destination } } : {};
  return { words: sentence(words), remedy: { kind: 'edit', edits, ...byName } };
}

function otherSelector(service: Service, pods: readonly Pod[]): Fix {
  const { selector, namespace, locus } = service;
  const here = pods.filter((p) => p.namespace === namespace).map((p) => p.labels);
  const near = nearestLabels(selector, here);
  const labels = [...new Set(here.flatMap(pairsOf))];
  const known =
    near.length > 0
      ? `the nearest are ${near.join(', ')}`
      : labels.length === 0
        ? `there are no labelled pods in namespace ${namespace}`
        : `pods there have ${labels.slice(0, 6).join(', ')}`;
  const words = `make the selector (${pairsOf(selector).join(',')}) match the labels of pods (${place(at(locus, 'selector'))}): ${known}`;
  const change = nearestSelector(service, here);
  return change === null ? advised('choice', words) : edited(words, change);
}

/** Each label that no pod has becomes the nearest that one has; null where there is none, or where that selects nothing either. */
function nearestSelector({ selector, locus }: Service, here: readonly Pod['labels'][]): Edit | null {
  const wanted = new Map<string, string>();
  for (const [name, value] of selector) {
    const isThere = here.some((labels) => labels.get(name) === value);
    const [pair] = isThere ? [`${name}=${value}`] : nearestLabels(new Map([[name, value]]), here);
    const [like, of] = pair?.split('=') ?? [];
    if (like === undefined || of === undefined) return null;
    wanted.set(like, of);
  }
  return here.some((labels) => selects(wanted, labels)) ? set(at(locus, 'selector'), Object.fromEntries(wanted)) : null;
}
