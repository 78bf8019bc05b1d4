import { at, type Locus, type Path, type SourceDocument } from '../../source/origin.ts';

/** Where the fields of a Topology's form stand in an object: `ip` of a pod is status.podIP. Fields that are not here are below `rest`. */
export interface FieldPlaces {
  readonly rest: Path;
  readonly fields: Readonly<Record<string, Path>>;
}

const METADATA = { name: ['metadata', 'name'], namespace: ['metadata', 'namespace'], labels: ['metadata', 'labels'] } as const;

export const POD_FIELDS: FieldPlaces = {
  rest: ['spec'],
  fields: {
    ...METADATA,
    node: ['spec', 'nodeName'],
    ip: ['status', 'podIP'],
    ips: ['status', 'podIPs'],
    ready: ['status', 'conditions'],
    terminating: ['metadata', 'deletionTimestamp'],
  },
};

export const NODE_FIELDS: FieldPlaces = {
  rest: ['spec'],
  fields: { ...METADATA, ip: ['status', 'addresses'], ips: ['status', 'addresses'], tunnel: ['metadata', 'annotations'] },
};

/** Services, Ingresses, Gateways and routes are in a Topology as in their specs. */
export const SPEC_FIELDS: FieldPlaces = { rest: ['spec'], fields: { ...METADATA, status: ['status'] } };

export const SLICE_FIELDS: FieldPlaces = {
  rest: [],
  fields: { service: ['metadata', 'labels'], namespace: METADATA.namespace, port: ['ports'], addresses: ['endpoints'] },
};

export const ENDPOINTS_FIELDS: FieldPlaces = {
  rest: ['subsets'],
  fields: { service: METADATA.name, namespace: METADATA.namespace, port: ['subsets'], addresses: ['subsets'] },
};

export const NAMED_FIELDS: FieldPlaces = { rest: [], fields: METADATA };

/** The place of an object whose fields a reader knows by the names that a Topology has for them. A class, for there are hundreds of thousands. */
export class ObjectPlace implements Locus {
  readonly #base: Locus;
  readonly #places: FieldPlaces;
  constructor(base: Locus, places: FieldPlaces) {
    this.#base = base;
    this.#places = places;
  }
  get document(): SourceDocument {
    return this.#base.document;
  }
  get path(): Path {
    return this.#base.path;
  }
  get object(): string {
    return this.#base.object;
  }
  field(step: string | number): Locus {
    const { rest, fields } = this.#places;
    return at(this.#base, ...((typeof step === 'string' ? fields[step] : undefined) ?? [...rest, step]));
  }
}

/** A place with fields that stand anywhere: null, below it. */
export const gathered = ({ document, path, object }: Locus, field: (step: string | number) => Locus | null): Locus => ({
  document,
  path,
  object,
  field,
});

/** A list whose items come from anywhere. */
export const listOf = (base: Locus, items: readonly Locus[]): Locus =>
  gathered(base, (step) => (typeof step === 'number' ? (items[step] ?? null) : null));
