import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of an API server as kubectl reads by: discovery, lists, a log. */

type Json = Readonly<Record<string, unknown>>;

export interface Resource {
  /** Empty: the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural, as in the path. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly items: readonly Json[];
}

export interface ApiServer {
  readonly port: number;
  /** The requests, as `GET /api/v1/pods`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

interface Rules {
  /** Paths whose answer is that this user may not. */
  readonly forbidden: RegExp | null;
  /** By the name of the pod. */
  readonly logs: Readonly<Record<string, string>>;
}

export async function serve(resources: readonly Resource[], { forbidden, logs }: Rules): Promise<ApiServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    requests.push(`${request.method} ${pathname}`);
    if (forbidden?.test(pathname) === true) refuse(response, pathname);
    else answer(response, pathname, resources, logs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on an address has that.
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, requests, close };
}

function send(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const status = (code: number, reason: string, message: string): Json => ({
  apiVersion: 'v1',
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
});

const refuse = (response: ServerResponse, pathname: string) =>
  send(
    response,
    403,
    status(403, 'Forbidden', `${pathname.split('/').at(-1)} is forbidden: User "me" cannot list it at the cluster scope`),
  );

function answer(response: ServerResponse, pathname: string, resources: readonly Resource[], logs: Rules['logs']): void {
  const log = /\/pods\/([^/]+)\/log$/.exec(pathname)?.[1];
  if (log !== undefined) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(logs[log] ?? '');
    return;
  }
  const found = discovery(pathname, resources) ?? objects(pathname, resources);
  if (found === null) send(response, 404, status(404, 'NotFound', 'the server could not find the requested resource'));
  else send(response, 200, found);
}

/** https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api, as all versions have it. */
function discovery(pathname: string, resources: readonly Resource[]): Json | null {
  const groups = [...new Set(resources.map((r) => r.group))].filter((g) => g !== '');
  if (pathname === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (pathname === '/apis')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((name) => {
        const version = resources.find((r) => r.group === name)?.version;
        const groupVersion = { groupVersion: `${name}/${version}`, version };
        return { name, versions: [groupVersion], preferredVersion: groupVersion };
      }),
    };
  const own = resources.filter((r) => pathname === pathOf(r));
  if (own.length === 0) return null;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: pathname.replace(/^\/apis?\//, ''),
    resources: own.map(({ name, kind, namespaced }) => ({ name, singularName: '', kind, namespaced, verbs: ['get', 'list'] })),
  };
}

const pathOf = ({ group, version }: Resource) => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`);

/** `…/pods`, `…/namespaces/shop/pods`, `…/namespaces/shop/pods/web`. */
function objects(pathname: string, resources: readonly Resource[]): Json | null {
  const parts = /^(\/apis?\/.*?v\d[a-z\d]*)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(pathname);
  const [, path, namespace, plural, name] = parts ?? [];
  const resource = resources.find((r) => pathOf(r) === path && r.name === plural);
  if (resource === undefined) return null;
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const metadataOf = (item: Json) => item['metadata'] as Json;
  const items = resource.items.filter((item) => namespace === undefined || metadataOf(item)['namespace'] === namespace);
  if (name === undefined) return { apiVersion, kind: `${resource.kind}List`, metadata: { resourceVersion: '1' }, items };
  const one = items.find((item) => metadataOf(item)['name'] === name);
  return one === undefined ? null : { apiVersion, kind: resource.kind, ...one };
}
