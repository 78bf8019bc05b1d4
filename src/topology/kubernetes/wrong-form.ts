/** Objects in a form that cannot be read, and how to get them in one that can. */
export interface WrongForm {
  readonly message: string;
  readonly hint: string;
}

/** The objects that a trace cannot do without. */
export const GET = 'kubectl get nodes,pods,services,endpointslices -A -o json';

const HELM: WrongForm = {
  message: 'this is a Helm template, whose objects are not known before it is rendered',
  hint: 'helm template RELEASE CHART | k8s-trace -f - ...',
};

interface Form extends WrongForm {
  readonly pattern: RegExp;
}

/** By the beginning of a text. Looked at only where nothing else was found: texts in objects may have any of these. */
const FORMS: readonly Form[] = [
  {
    ...HELM,
    pattern: /\{\{-?\s*(?:[.$]|\/\*|(?:if|else|end|range|with|define|include|template|toYaml|tpl|default|quote|printf)\b)/,
  },
  {
    pattern: /^[ \t]*(?:NAMESPACE|NAME|LAST SEEN)\s{2,}[A-Z][A-Z-]+(?:[ (].*)?$/m,
    message: 'this is the table that kubectl get prints for people',
    hint: `get it as JSON: ${GET}`,
  },
  {
    pattern: /^Name: {2,}\S.*\n(?:.*\n){0,8}(?:Namespace|Labels|Roles|Priority): {2,}/m,
    message: 'this is the text that kubectl describe prints for people',
    hint: `get it as JSON: ${GET}`,
  },
  {
    pattern: /^(?:error: |Error from server|The connection to the server|Unable to connect to the server|No resources found)/m,
    message: 'this is what kubectl says when it has no objects to print',
    hint: `see that this works: ${GET}`,
  },
  {
    pattern: /"(?:kind|metadata)"\s*=>|:(?:kind|metadata)\s*=>/,
    message: 'this is a Ruby hash, not JSON',
    hint: `print it with to_json, or get it anew: ${GET}`,
  },
  {
    pattern: /"(?:Items|ObjectMeta|ListMeta|Spec|Status)"\s*:\s*[[{]/,
    message:
      "this has the field names of Kubernetes' Go code (Items, Spec, Status), as cluster-info dump of kubectl before 1.9 printed them",
    hint: `get it with a newer kubectl: ${GET}`,
  },
];

/** What a text is that is no object. */
export function wrongForm(name: string, beginning: string): WrongForm | null {
  return /(^|\/)kustomization\.ya?ml$/i.test(name) ? KUSTOMIZATION : (FORMS.find((f) => f.pattern.test(beginning)) ?? null);
}

const TEMPLATED = /\{\{.*\}\}/;

/** What an object is whose name a template would fill in; its other texts may have braces of their own. */
export const wrongName = (name: unknown): WrongForm | null => (typeof name === 'string' && TEMPLATED.test(name) ? HELM : null);

/** What an object is that stands for others, or shows them to people. */
export function wrongKind(apiVersion: string, kind: string): WrongForm | null {
  if (kind === 'Table' && apiVersion.startsWith('meta.k8s.io/')) return TABLE;
  return kind === 'Kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/') ? KUSTOMIZATION : null;
}

const KUSTOMIZATION: WrongForm = {
  message: 'this is a kustomization, whose objects are not known before it is built',
  hint: 'kubectl kustomize DIRECTORY | k8s-trace -f - ...',
};

const TABLE: WrongForm = {
  message: 'this is a Table, which the API server makes for people, not the objects themselves',
  hint: `get the objects: ${GET}`,
};
