import type { Refusal } from '../k8s/http/http.ts';
import { named, type Wording } from '../source/sentence.ts';
import { nearest, orList } from '../source/suggest.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when an Ingress, a Gateway or a route is at fault. */

type Why<K extends Refusal['kind']> = Extract<Refusal, { kind: K }>;

/** The refusal that a plan has of this kind. */
export function refusalOf<K extends Refusal['kind']>({ context: { question }, origin }: Scene, kind: K): Why<K> | null {
  for (const action of question.http?.actions ?? [])
    if (action.kind === 'refuse' && action.why.kind === kind && (origin.locus === null || action.locus === origin.locus))
      return action.why as Why<K>;
  return null;
}

export const noClass: Fixer = (scene) => {
  const why = refusalOf(scene, 'no-class');
  const { ingressClasses, gatewayClasses } = scene.context.cluster.http;
  const gateway = why?.object.startsWith('Gateway') === true;
  const names = [...(gateway ? gatewayClasses : ingressClasses).keys()];
  const field = gateway ? 'gatewayClassName' : 'ingressClassName';
  const at = place(scene.origin.locus);
  if (names.length === 0)
    return [`state the class that serves it (${gateway ? 'gatewayClasses' : 'ingressClasses'}), and name it as ${field} (${at})`];
  const wanted = nearest(why?.className ?? '', names);
  const fix = `set ${field} to ${orList(wanted.length > 0 ? wanted : names.slice(0, 5))} (${at})`;
  return gateway || why?.className != null ? [fix] : [fix, 'or make a class the default: isDefaultClass: true'];
};

export const notAccepted: Fixer = (scene) => {
  const why = refusalOf(scene, 'not-accepted');
  return why === null ? [] : [`${why.fix} (${place(why.at)})`];
};

export const noBackend: Fixer = (scene) => {
  const why = refusalOf(scene, 'no-service');
  const at = place(scene.origin.locus);
  if (why === null) return [`give the rule a backend with a weight above 0 (${at})`];
  const services = [...scene.context.cluster.services.values()];
  const there = services.filter((s) => s.namespace === why.namespace).map((s) => s.name);
  const elsewhere = services.filter((s) => s.name === why.name);
  const near = nearest(why.name, there);
  const known = near.length > 0 ? near : there.slice(0, 5);
  const fix = known.length === 0 ? `state service ${why.namespace}/${why.name}` : `name a service that is there: ${orList(known)}`;
  const moved = elsewhere.map((s) => `there is a service ${why.name} in namespace ${s.namespace} (${place(s.locus)})`);
  return [`${fix} (${at})`, ...moved];
};

/** Null when the backend is no ExternalName. */
export function externalBackend(scene: Scene): readonly string[] | null {
  const why = refusalOf(scene, 'external-name');
  if (why === null) return null;
  const { name, externalName } = why.service;
  const at = `${place(scene.origin.locus)}; service ${name}: ${place(externalName?.locus ?? null)}`;
  return [
    `let the backend be a service with endpoints (${at}): one of type ClusterIP, with the addresses of ${externalName?.name} stated as its endpoints`,
  ];
}

/** Null when the port is not a backend's. */
export function backendPort(scene: Scene): readonly Wording[] | null {
  const why = refusalOf(scene, 'no-port');
  if (why === null) return null;
  const { service, port } = why;
  const known = service.ports.map((p) => `${p.port}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');
  const target = service.ports.find((p) => p.targetPort === port || p.endpoints.some((e) => e.port === port));
  const meant = target === undefined ? [] : [named(`${port} is a targetPort (the pods' own port): write ${target.port}`)];
  return [
    `set the port of the backend (${place(scene.origin.locus)}) to one that service ${service.name} has (${place(service.locus)}): ${known}`,
    ...meant,
  ];
}

export const noGrant: Fixer = (scene) => {
  const why = refusalOf(scene, 'no-grant');
  if (why === null) return [];
  const { grants } = scene.context.cluster.http;
  const there = grants.filter((g) => g.namespace === why.namespace);
  const misplaced = grants.filter((g) => g.namespace !== why.namespace && g.from.some((f) => f.namespace === why.from));
  const from = `from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${why.from} }]`;
  return [
    ...misplaced.map(
      (g) =>
        `ReferenceGrant ${g.name} (${place(g.locus)}) is in namespace ${g.namespace}, and counts for what is there only: move it to ${why.namespace}`,
    ),
    ...there.map(
      (g) =>
        `compare ReferenceGrant ${g.name} (${place(g.locus)}), which allows other references: group, kind, namespace and name all count`,
    ),
    `add a ReferenceGrant in namespace ${why.namespace}: { name: …, namespace: ${why.namespace}, ${from}, to: [{ group: "", kind: Service }] }`,
    `or use a service of namespace ${why.from} (${place(scene.origin.locus)})`,
  ];
};

/** A fact that the input lacks. */
export const missingFact: Fixer = (scene) => {
  const plan = scene.context.question.http;
  if (plan === null) return [];
  const pattern = refusalOf(scene, 'regular-expression');
  if (pattern !== null)
    return [`state the path, header or parameter as Exact or PathPrefix (${place(scene.origin.locus)}), if it can be said that way`];
  const { frontend } = plan;
  if (frontend === null) return [];
  const external = externalBackend(scene);
  if (external !== null)
    return [...external, `or state controller: k8s.io/ingress-nginx of the class, if it is that one (${place(frontend.locus)})`];
  const kind = frontend.api === 'Ingress' ? 'ingressClasses[].service' : 'gateways[].service or gatewayClasses[].service';
  return [
    `state the service before the controller's pods (${kind}: NAMESPACE/NAME, ${place(frontend.locus)}); in a cluster: kubectl get svc -A, and look for the controller's`,
  ];
};
