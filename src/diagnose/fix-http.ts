import type { Refusal } from '../k8s/http/http.ts';
import { append, set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { named } from '../source/sentence.ts';
import { nearest, orList } from '../source/suggest.ts';
import { rootOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
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
  const { locus } = scene.origin;
  if (names.length === 0)
    return [
      advised(
        'value',
        `state the class that serves it (${gateway ? 'gatewayClasses' : 'ingressClasses'}), and name it as ${field} (${place(locus)})`,
      ),
    ];
  const near = nearest(why?.className ?? '', names);
  const wanted = near.length > 0 ? near : names.slice(0, 5);
  const words = `set ${field} to ${orList(wanted)} (${place(locus)})`;
  const [name] = wanted;
  const fix = locus === null || name === undefined ? advised('choice', words) : edited(words, set(at(locus, field), name));
  if (gateway || why?.className != null) return [fix];
  const [only, other] = [...ingressClasses.values()];
  const words2 = 'or make a class the default: isDefaultClass: true';
  const isOnly = only !== undefined && other === undefined;
  return [fix, isOnly ? edited(words2, set(at(only.locus, 'isDefaultClass'), true)) : advised('choice', words2)];
};

export const notAccepted: Fixer = (scene) => {
  const why = refusalOf(scene, 'not-accepted');
  return why === null ? [] : [advised('choice', `${why.fix} (${place(why.at)})`)];
};

export const noBackend: Fixer = (scene) => {
  const why = refusalOf(scene, 'no-service');
  const { locus } = scene.origin;
  if (why === null) return [advised('choice', `give the rule a backend with a weight above 0 (${place(locus)})`)];
  const services = [...scene.context.cluster.services.values()];
  const there = services.filter((s) => s.namespace === why.namespace).map((s) => s.name);
  const elsewhere = services.filter((s) => s.name === why.name);
  const near = nearest(why.name, there);
  const known = near.length > 0 ? near : there.slice(0, 5);
  const words = `${known.length === 0 ? `state service ${why.namespace}/${why.name}` : `name a service that is there: ${orList(known)}`} (${place(locus)})`;
  const [meant] = known;
  const isClear = known.length === 1 && meant !== undefined && locus !== null;
  return [
    isClear ? edited(words, set(at(locus, 'name'), meant)) : advised('choice', words),
    ...elsewhere.map((s) => advised('hint', `there is a service ${why.name} in namespace ${s.namespace} (${place(s.locus)})`)),
  ];
};

/** Null when the backend is no ExternalName. */
export function externalBackend(scene: Scene): readonly Fix[] | null {
  const why = refusalOf(scene, 'external-name');
  if (why === null) return null;
  const { name, externalName } = why.service;
  const at = `${place(scene.origin.locus)}; service ${name}: ${place(externalName?.locus ?? null)}`;
  return [
    advised(
      'choice',
      `let the backend be a service with endpoints (${at}): one of type ClusterIP, with the addresses of ${externalName?.name} stated as its endpoints`,
    ),
  ];
}

/** Null when the port is not a backend's. */
export function backendPort(scene: Scene): readonly Fix[] | null {
  const why = refusalOf(scene, 'no-port');
  if (why === null) return null;
  const { service, port } = why;
  const { locus } = scene.origin;
  const tcp = service.ports.filter((p) => p.protocol === 'tcp');
  const known = service.ports.map((p) => `${p.port}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');
  const target = tcp.find((p) => p.targetPort === port || p.endpoints.some((e) => e.port === port));
  const words = `set the port of the backend (${place(locus)}) to one that service ${service.name} has (${place(service.locus)}): ${known}`;
  const meant = target ?? (tcp.length === 1 ? tcp[0] : undefined);
  const ofIngress = scene.context.question.http?.frontend?.api === 'Ingress';
  return [
    meant === undefined || locus === null
      ? advised('choice', words)
      : edited(words, set(at(locus, 'port'), ofIngress ? { number: meant.port } : meant.port)),
    ...(target === undefined ? [] : [advised('hint', named(`${port} is a targetPort (the pods' own port): write ${target.port}`))]),
  ];
}

export const noGrant: Fixer = (scene) => {
  const why = refusalOf(scene, 'no-grant');
  if (why === null) return [];
  const { cluster } = scene.context;
  const { grants } = cluster.http;
  const there = grants.filter((g) => g.namespace === why.namespace);
  const misplaced = grants.filter((g) => g.namespace !== why.namespace && g.from.some((f) => f.namespace === why.from));
  const grant = {
    name: `from-${why.from}`,
    namespace: why.namespace,
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: why.from }],
    to: [{ group: '', kind: 'Service' }],
  };
  const from = `from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${why.from} }]`;
  return [
    ...misplaced.map((g) =>
      edited(
        `ReferenceGrant ${g.name} (${place(g.locus)}) is in namespace ${g.namespace}, and counts for what is there only: move it to ${why.namespace}`,
        set(at(g.locus, 'namespace'), why.namespace),
      ),
    ),
    ...there.map((g) =>
      advised(
        'hint',
        `compare ReferenceGrant ${g.name} (${place(g.locus)}), which allows other references: group, kind, namespace and name all count`,
      ),
    ),
    edited(
      `add a ReferenceGrant in namespace ${why.namespace}: { name: ${grant.name}, namespace: ${why.namespace}, ${from}, to: [{ group: "", kind: Service }] }`,
      append(at(rootOf(cluster), 'referenceGrants'), grant),
    ),
    advised('choice', `or use a service of namespace ${why.from} (${place(scene.origin.locus)})`),
  ];
};

/** A fact that the input lacks. */
export const missingFact: Fixer = (scene) => {
  const plan = scene.context.question.http;
  if (plan === null) return [];
  const pattern = refusalOf(scene, 'regular-expression');
  if (pattern !== null)
    return [
      advised(
        'value',
        `state the path, header or parameter as Exact or PathPrefix (${place(scene.origin.locus)}), if it can be said that way`,
      ),
    ];
  const { frontend } = plan;
  if (frontend === null) return [];
  const external = externalBackend(scene);
  if (external !== null)
    return [
      ...external,
      advised('choice', `or state controller: k8s.io/ingress-nginx of the class, if it is that one (${place(frontend.locus)})`),
    ];
  const kind = frontend.api === 'Ingress' ? 'ingressClasses[].service' : 'gateways[].service or gatewayClasses[].service';
  return [
    advised(
      'value',
      `state the service before the controller's pods (${kind}: NAMESPACE/NAME, ${place(frontend.locus)}); in a cluster: kubectl get svc -A, and look for the controller's`,
    ),
  ];
};
