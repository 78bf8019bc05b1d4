declare const brand: unique symbol;

/** A MAC address, as `66:00:00:00:00:01`, in lower case: two are the same when `===` says so. */
export type Mac = string & { readonly [brand]: true };

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** As iproute2 prints it, in either case; anything else is null. */
export function parseMac(text: string): Mac | null {
  const lower = text.toLowerCase();
  return MAC.test(lower) ? (lower as Mac) : null;
}

/** The MAC address of six bytes. */
export function macOf(bytes: Uint8Array): Mac {
  if (bytes.length !== 6) throw new Error(`a MAC address of ${bytes.length} bytes`);
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(':') as Mac;
}

/** The MAC address of a literal in this program's own text; throws on anything else, which is a fault of this program and not of an input. */
export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === null) throw new Error(`not a MAC address: ${text}`);
  return parsed;
}

/** Of one device: neither all zeros nor one that stands for many. */
export const isUnicastMac = (mac: Mac): boolean => mac !== '00:00:00:00:00:00' && Number.parseInt(mac.slice(0, 2), 16) % 2 === 0;
