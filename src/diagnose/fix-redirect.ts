import { type Gateway, gatewayText, type HttpRoute, type ParentRef, routeText } from '../k8s/http/gateway.ts';
import type { HttpRequest } from '../k8s/http/http.ts';
import { advised, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The redirect that closes the circle leads to what has a backend; one to https is for the listener that has no TLS. */
export const redirectLoop: Fixer<'REDIRECT_LOOP'> = (scene) => {
  const ofListener = forPlainListener(scene);
  if (ofListener !== null) return ofListener;
  return [
    advised(
      'choice',
      `let the redirect (${place(scene.origin.locus)}) lead to a URL whose rule has a backend, or give its own rule one in its place`,
    ),
  ];
};

/** The usual circle: a route that redirects to https hangs on the listener for https, too. Null: it is another one. */
function forPlainListener({ context: { cluster, question }, origin }: Scene): readonly Fix[] | null {
  const { http } = question;
  const rule = (r: HttpRoute) => r.rules.find((one) => one.locus === origin.locus);
  const route = cluster.http.routes.find((r) => rule(r) !== undefined);
  const gateway = cluster.http.gateways.find((g) => gatewayText(g) === http?.frontend?.name);
  if (http === null || route === undefined || gateway === undefined || http.request.scheme !== 'https') return null;
  const toHttps = rule(route)?.filters.some((f) => f.type === 'RequestRedirect' && f.scheme === 'https' && f.hostname === null);
  const plain = gateway.listeners.find((l) => l.protocol === 'HTTP');
  const parent = route.parents.find((p) => p.namespace === gateway.namespace && p.name === gateway.name && takesTls(p, gateway));
  if (toHttps !== true || plain === undefined || parent === undefined) return null;
  const tls = gateway.listeners.find((l) => l.protocol === 'HTTPS' && isOf(parent, l));
  const only =
    parent.sectionName === null && parent.port === null
      ? `give the parentRef of ${routeText(route)} (${place(parent.locus)}) sectionName: ${plain.name}, so that only listener ${plain.name} redirects`
      : `take the parentRef of ${routeText(route)} for listener ${tls?.name} away (${place(parent.locus)})`;
  return [advised('choice', only), otherRoute(gateway, tls?.name ?? '', http.request)];
}

const isOf = ({ sectionName, port }: ParentRef, listener: Gateway['listeners'][number]) =>
  (sectionName === null || sectionName === listener.name) && (port === null || port === listener.port);

const takesTls = (parent: ParentRef, { listeners }: Gateway) => listeners.some((l) => l.protocol === 'HTTPS' && isOf(parent, l));

const otherRoute = ({ namespace, name }: Gateway, listener: string, { host }: HttpRequest): Fix =>
  advised(
    'choice',
    `where no other route has it, state one with backendRefs for ${host} on listener ${listener} of Gateway ${namespace}/${name}`,
  );
