import type { Case } from './case.ts';

/** Troubles of clusters with both IP families. */
export const FAMILIES: Readonly<Record<string, Case>> = {
  'service-of-one-family': {
    troubles: [
      {
        from: 'client-6',
        to: 'svc/shop',
        outcome: 'rejected',
        code: 'IP_FAMILY_MISMATCH',
        client: 'net-unreachable',
        cites: '- name: shop',
        fix: 'clusterIPs, with one of fd00:10:96::/112',
      },
    ],
    works: [{ from: 'client', to: 'svc/shop' }],
    mended: [['clusterIP: 10.96.0.27', 'clusterIPs: [10.96.0.27, "fd00:10:96::27"]']],
  },
  'listener-of-one-family': {
    troubles: [
      {
        from: 'client-6',
        to: 'svc/shop',
        outcome: 'rejected',
        code: 'NOBODY_LISTENS',
        client: 'refused',
        cites: '0.0.0.0:8080',
        fix: 'listen on [::] instead',
      },
    ],
    works: [{ from: 'client', to: 'svc/shop', family: 'IPv4' }],
    mended: [['0.0.0.0:8080', '[::]:8080']],
  },
  'backends-of-one-family': {
    troubles: [
      {
        from: 'client-6',
        to: 'svc/shop',
        outcome: 'rejected',
        code: 'NO_ENDPOINTS',
        client: 'refused',
        cites: 'name: shop-1',
        fix: 'or call its IPv4 address, 10.96.0.28',
      },
    ],
    works: [{ from: 'client', to: 'svc/shop', family: 'IPv4' }],
    mended: [['ips: [10.244.2.10]', 'ips: [10.244.2.10, "fd00:10:244:2::10"]']],
  },
};
