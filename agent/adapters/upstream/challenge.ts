/** What a registry asks for with 401 (RFC 9110, 11.6.1; distribution's token spec). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      /** Where tokens are had. */
      readonly realm: URL;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

const HEADER_LENGTH_MAX = 4_096;
const SCHEME = /(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi;
const PARAMETER = /^[\s,]*([a-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/i;

/**
 * Reads `WWW-Authenticate`. A registry that takes tokens gets one, because it may offer passwords for the same place.
 *
 * @returns undefined for what is none that is known here
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (header === undefined || header.length > HEADER_LENGTH_MAX) return undefined;
  const schemes = [...header.matchAll(SCHEME)].map((match) => ({
    name: match[1]?.toLowerCase(),
    rest: header.slice(match.index + match[0].length),
  }));
  const bearer = schemes.find(({ name }) => name === 'bearer');
  if (bearer !== undefined) return bearerOf(parameters(bearer.rest));
  return schemes.length > 0 ? { scheme: 'basic' } : undefined;
}

function bearerOf(fields: ReadonlyMap<string, string>): Challenge | undefined {
  const realm = URL.parse(fields.get('realm') ?? '');
  if (realm === null || (realm.protocol !== 'https:' && realm.protocol !== 'http:')) return undefined;
  // A login belongs to who configured it, and a fragment is not sent.
  realm.username = realm.password = realm.hash = '';
  return { scheme: 'bearer', realm, service: fields.get('service'), scope: fields.get('scope') };
}

/** Parameters up to the next scheme. */
function parameters(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let rest = text; ; ) {
    const [whole, name = '', quoted, plain = ''] = PARAMETER.exec(rest) ?? [];
    if (whole === undefined) return fields;
    fields.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    rest = rest.slice(whole.length);
  }
}
