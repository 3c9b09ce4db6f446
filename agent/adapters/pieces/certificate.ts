import { generateKeyPairSync, randomBytes, sign, verify, X509Certificate } from 'node:crypto';
import type { HostId } from '../../../protocol/ids.ts';
import { type DerValue, decodeAll, decodeWithin, encode, encodeObjectId, encodeTime, explicit, tags } from './der.ts';
import { hostKeyOf, publicKeyOf } from './host-key.ts';

/** libp2p's TLS spec: the extension that binds a certificate to a host's key, and what is signed there. */
const EXTENSION = encodeObjectId('1.3.6.1.4.1.53594.1.1');
const SIGNED_PREFIX = 'libp2p-tls-handshake:';
const ECDSA_WITH_SHA256 = encode(tags.sequence, encodeObjectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = encodeObjectId('2.5.4.3');

const YEAR_MS = 365 * 24 * 3_600_000;
/** Hosts' clocks differ, and an agent may run for years: the certificate lives as long as its process. */
const VALID_BEFORE_MS = YEAR_MS;
const VALID_AFTER_MS = 10 * YEAR_MS;
/** Ours have about 500 bytes. */
const CERTIFICATE_BYTES_MAX = 4_096;

/** A certificate for this run of the process, and its key; both PEM. */
export interface HostCertificate {
  readonly hostId: HostId;
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a certificate that carries the host's identity, as libp2p's TLS does
 * (https://github.com/libp2p/specs/blob/master/tls/tls.md): a key pair for this run, self-signed, and in an extension the
 * host key's signature over it.
 *
 * @param privateKey `HostIdentity.privateKey`
 */
export function makeCertificate(privateKey: Uint8Array, nowMs: number): HostCertificate {
  const host = hostKeyOf(privateKey);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  const proof = sign(null, signedBytes(spki), host.secret);
  const signedKey = encode(tags.sequence, encode(tags.octetString, host.publicKey), encode(tags.octetString, proof));
  const extension = encode(tags.sequence, EXTENSION, encode(tags.octetString, signedKey));
  const name = encode(
    tags.sequence,
    encode(tags.set, encode(tags.sequence, COMMON_NAME, encode(tags.utf8String, Buffer.from('shoal')))),
  );
  const toBeSigned = encode(
    tags.sequence,
    encode(explicit(0), encode(tags.integer, Buffer.of(2))),
    encode(tags.integer, Buffer.of(1), randomBytes(15)),
    ECDSA_WITH_SHA256,
    name,
    encode(tags.sequence, encodeTime(nowMs - VALID_BEFORE_MS), encodeTime(nowMs + VALID_AFTER_MS)),
    name,
    spki,
    encode(explicit(3), encode(tags.sequence, extension)),
  );
  const signature = encode(tags.bitString, Buffer.of(0), sign('sha256', toBeSigned, pair.privateKey));
  return {
    hostId: host.hostId,
    cert: pem('CERTIFICATE', encode(tags.sequence, toBeSigned, ECDSA_WITH_SHA256, signature)),
    key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/**
 * The host that a peer's certificate proves, or undefined when it proves none. The TLS handshake has proved that the peer has
 * the certificate's own key; here the host key is shown to stand behind that one.
 *
 * @param der the certificate as it came
 */
export function hostOfCertificate(der: Uint8Array, nowMs: number): HostId | undefined {
  if (der.length > CERTIFICATE_BYTES_MAX) return undefined;
  try {
    return isSound(new X509Certificate(der), nowMs) ? provenHost(der) : undefined;
  } catch {
    // Node's parser and its key classes throw on what they can't read.
    return undefined;
  }
}

function isSound(certificate: X509Certificate, nowMs: number): boolean {
  const isTimely = certificate.validFromDate.getTime() <= nowMs && nowMs <= certificate.validToDate.getTime();
  return isTimely && certificate.verify(certificate.publicKey);
}

function provenHost(der: Uint8Array): HostId | undefined {
  const [certificate] = decodeAll(der) ?? [];
  const [toBeSigned] = decodeWithin(certificate, tags.sequence) ?? [];
  const fields = decodeWithin(toBeSigned, tags.sequence) ?? [];
  // Version, serial, algorithm, issuer, validity and subject come first; a certificate with extensions has a version.
  const spki = fields[0]?.tag === explicit(0) ? fields[6] : undefined;
  const [signedKey] = extensionsOf(fields.find((field) => field.tag === explicit(3)));
  const [publicKey, signature] = decodeWithin(signedKey, tags.sequence) ?? [];
  if (spki === undefined || publicKey?.tag !== tags.octetString || signature?.tag !== tags.octetString)
    return undefined;
  const host = publicKeyOf(publicKey.content);
  if (host === undefined || !verify(null, signedBytes(spki.raw), host.key, signature.content)) return undefined;
  return host.hostId;
}

/** The content of libp2p's extension; none when it is there twice. */
function extensionsOf(field: DerValue | undefined): readonly DerValue[] {
  const [list] = (field && decodeAll(field.content)) ?? [];
  const ours = (decodeWithin(list, tags.sequence) ?? [])
    .map((extension) => decodeWithin(extension, tags.sequence) ?? [])
    .filter(([id]) => id?.raw.equals(EXTENSION));
  const value = ours.length === 1 ? ours[0]?.at(-1) : undefined;
  return decodeWithin(value, tags.octetString) ?? [];
}

const signedBytes = (spki: Uint8Array): Buffer => Buffer.concat([Buffer.from(SIGNED_PREFIX), spki]);

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`;
