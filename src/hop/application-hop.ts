import type { IpAddress } from '../net/address.ts';
import type { HopBase } from './hop-base.ts';

/** An Ingress or Gateway controller: the connection ends at it, and it starts one of its own, or answers itself. */
export interface ProxyHop extends HopBase {
  readonly kind: 'proxy';
  /** `return`: what comes back on its own connection, it passes on to the client. */
  readonly action: 'forward' | 'return' | 'redirect' | 'answer';
  readonly process: string;
  /** The rule that the request matched, in words. */
  readonly rule: string;
  readonly url: string;
  /** The URL that the backend is asked for, or that the client is sent to; null when the controller answers itself. */
  readonly to: string | null;
  /** `service default/cart:80`; null when there is none. */
  readonly backend: string | null;
  readonly tls: 'terminated' | 'none';
  /** The client's address as the controller sees it, which it passes on as X-Forwarded-For. */
  readonly forwardedFor: IpAddress;
  /** Changes of headers, in words. */
  readonly edits: readonly string[];
}

/** A name that was asked for, and what was said of it. */
export interface DnsStep {
  readonly name: string;
  readonly answer: 'A' | 'AAAA' | 'CNAME' | 'NODATA' | 'NXDOMAIN' | 'unknown';
  readonly target: string | null;
  readonly addresses: readonly IpAddress[];
}

/** The program looks its destination's name up, before it sends anything. */
export interface DnsHop extends HopBase {
  readonly kind: 'dns';
  readonly question: string;
  /** The record that was asked for: that of its own family, which is the one that it can call. */
  readonly type: 'A' | 'AAAA';
  /** Null: /etc/hosts has the name, and nobody was asked. */
  readonly server: { readonly name: string; readonly address: IpAddress | null } | null;
  readonly steps: readonly DnsStep[];
  readonly answer: readonly IpAddress[];
}
