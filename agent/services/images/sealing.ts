import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const MESH_KEY_BYTES = 32;

/**
 * Keeps secrets of the catalog unreadable outside the mesh: AES-256-GCM with a key that members hand on when a host joins and
 * that is in no record. Base64 of nonce, ciphertext and tag.
 */
export class Sealing {
  readonly #key: Uint8Array | undefined;

  /** @param key 32 bytes; undefined on a host that was given none */
  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  /** The key, for a host that joins. */
  get key(): Uint8Array | undefined {
    return this.#key;
  }

  /** @param purpose what the secret is for; it opens for nothing else */
  seal(secret: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#required(), nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** @throws ShoalError not-ready when it was sealed by another key, or was changed */
  open(sealed: string, purpose: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const key = this.#required();
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new ShoalError('not-ready', `The login for ${purpose} can't be opened here. Set it again.`, { cause });
    }
  }

  #required(): Uint8Array {
    if (this.#key !== undefined) return this.#key;
    throw new ShoalError('not-ready', 'This host has no mesh key (mesh.key). Make it leave, and join again.');
  }
}
