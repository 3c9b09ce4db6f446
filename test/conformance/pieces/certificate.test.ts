import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { hostOfCertificate, makeCertificate } from '../../../agent/adapters/pieces/certificate.ts';
import { encode, encodeObjectId, encodeTime, explicit, tags } from '../../../agent/adapters/pieces/der.ts';

const NOW_MS = Date.UTC(2030, 0, 1);
const YEAR_MS = 365 * 24 * 3_600_000;

/** Made by @libp2p/tls 3.1.10 for the host below; valid to 2126. */
const BY_LIBP2P = {
  hostId: '12D3KooWSar2C9fUjrV3uWq8Q2pFK7cW5hfAka687ceTViBpQfnb',
  hex: '308201783082011da00302010202083736849957369115300a06082a8648ce3d04030230003020170d3236313132383031343932335a180f32313236313130343032343932335a30003059301306072a8648ce3d020106082a8648ce3d03010703420004eae2b5e7897966a28684bc12e3f18465afec2e2e4f1df2258b35f0b22147e7e53349259c4dc6ef3ca7680362e5d3fc574ccaad9c70f2f6c1c257c9b2bea7497da37f307d307b060a2b0601040183a25a01010101ff046a3068042408011220f9200a16fc3089c00ebddb8e88b4e1b97c4e4a36040de996ae52d9d74af5c3b40440b08f26383766cbef35fd41b4f82ea378f8f9063c2dd5ea3120c6ae51bb50561edcce847d211c2dc74eec9927e96d48b791913c7ec0543738d1ede3ce909f9b03300a06082a8648ce3d0403020349003046022100ed2f28ff079183ba7152bbc8582434b0adab79a9b634728529f4436937294a9f022100a60c7148bc65f1cb4208d5c5634af9a0baa3406eae124bdf25d0954bdb74e17a',
};

const der = (pem: string): Buffer => new X509Certificate(pem).raw;

describe('a certificate with a host id', () => {
  it('proves the id that libp2p gives to the same key', async () => {
    const { hostId, privateKey } = await newIdentity();
    const made = makeCertificate(privateKey, NOW_MS);
    expect(made.hostId).toBe(hostId);
    expect(hostOfCertificate(der(made.cert), NOW_MS)).toBe(hostId);
  });

  it('is read when libp2p made it', () => {
    expect(hostOfCertificate(Buffer.from(BY_LIBP2P.hex, 'hex'), NOW_MS)).toBe(BY_LIBP2P.hostId);
  });

  it('holds for hosts whose clocks differ by hours and for a process that runs for years, but not for ever', async () => {
    const { hostId, privateKey } = await newIdentity();
    const cert = der(makeCertificate(privateKey, NOW_MS).cert);
    expect(hostOfCertificate(cert, NOW_MS - 24 * 3_600_000)).toBe(hostId);
    expect(hostOfCertificate(cert, NOW_MS + 9 * YEAR_MS)).toBe(hostId);
    expect(hostOfCertificate(cert, NOW_MS + 11 * YEAR_MS)).toBeUndefined();
  });

  it('proves nothing with any one bit changed', async () => {
    const { privateKey } = await newIdentity();
    const cert = der(makeCertificate(privateKey, NOW_MS).cert);
    const proofs: number[] = [];
    for (let bit = 0; bit < cert.length * 8; bit++) {
      const changed = Buffer.from(cert);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (hostOfCertificate(changed, NOW_MS) !== undefined) proofs.push(bit);
    }
    expect(proofs).toEqual([]);
  });

  it('proves nothing when cut off, with garbage, or too long', async () => {
    const { privateKey } = await newIdentity();
    const cert = der(makeCertificate(privateKey, NOW_MS).cert);
    for (let length = 0; length < cert.length; length++)
      expect(hostOfCertificate(cert.subarray(0, length), NOW_MS), `${length}`).toBeUndefined();
    expect(hostOfCertificate(Buffer.alloc(1_000, 0x30), NOW_MS)).toBeUndefined();
    expect(hostOfCertificate(Buffer.concat([cert, Buffer.alloc(8_192)]), NOW_MS)).toBeUndefined();
  });

  it('proves nothing when the proof was copied from the certificate of another', async () => {
    const victim = der(makeCertificate((await newIdentity()).privateKey, NOW_MS).cert);
    expect(hostOfCertificate(selfSigned([proofIn(victim)]), NOW_MS)).toBeUndefined();
  });

  it('proves nothing without the proof, or with two', async () => {
    const { privateKey } = await newIdentity();
    const proof = proofIn(der(makeCertificate(privateKey, NOW_MS).cert));
    expect(hostOfCertificate(selfSigned([]), NOW_MS)).toBeUndefined();
    expect(hostOfCertificate(selfSigned([proof, proof]), NOW_MS)).toBeUndefined();
  });
});

/** The extension of a certificate of ours: its object id has this many bytes before it in its own sequence. */
function proofIn(certificate: Buffer): Buffer {
  const at = certificate.indexOf(encodeObjectId('1.3.6.1.4.1.53594.1.1'));
  const start = at - 2;
  return certificate.subarray(start, at + (certificate[start + 1] ?? 0));
}

/** A sound certificate with a key of its own and any extensions. */
function selfSigned(extensions: readonly Buffer[]): Buffer {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = encode(tags.sequence, encodeObjectId('1.2.840.10045.4.3.2'));
  const toBeSigned = encode(
    tags.sequence,
    encode(explicit(0), encode(tags.integer, Buffer.of(2))),
    encode(tags.integer, Buffer.of(7)),
    algorithm,
    encode(tags.sequence),
    encode(tags.sequence, encodeTime(NOW_MS - YEAR_MS), encodeTime(NOW_MS + YEAR_MS)),
    encode(tags.sequence),
    pair.publicKey.export({ format: 'der', type: 'spki' }),
    encode(explicit(3), encode(tags.sequence, ...extensions)),
  );
  const key = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const signature = encode(tags.bitString, Buffer.of(0), sign('sha256', toBeSigned, key));
  return encode(tags.sequence, toBeSigned, algorithm, signature);
}
