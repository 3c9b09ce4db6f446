import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { limits } from '../../protocol/limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { RegistryAccess } from '../services/images/registry-backend.ts';
import { RegistryError } from './registry-error.ts';

/** What a user name and password allow; undefined when they are wrong. */
export type Authenticate = (username: string, password: string) => Promise<RegistryAccess | undefined>;

const WINDOW_MS = 60_000;
/** The least recent are forgotten. */
const ADDRESSES_MAX = 5_000;
const LOGINS_MAX = 1_000;
const HEADER_MAX = 2_048;

interface Failures {
  count: number;
  readonly untilMs: number;
}

/**
 * Asks for Basic authentication (RFC 7617). An address that failed too often in a minute is refused unheard, except for a
 * login that was right before: engines behind one address are not locked out by whoever guesses there.
 */
export class Login {
  readonly #authenticate: Authenticate;
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();
  /** Hashes of logins that were right. Each is checked again every time. */
  readonly #known = new Set<string>();

  constructor(authenticate: Authenticate, clock: Clock) {
    this.#authenticate = authenticate;
    this.#clock = clock;
  }

  /** @throws RegistryError 401, 429 */
  async check(request: IncomingMessage): Promise<RegistryAccess> {
    const header = request.headers.authorization;
    const credentials = credentialsOf(header);
    if (header === undefined || credentials === undefined) throw denied();
    const key = createHash('sha256').update(header).digest('base64');
    const failures = this.#failuresOf(request.socket.remoteAddress ?? '');
    if (failures.count >= limits.apiFailedLogins && !this.#known.has(key)) throw this.#tooMany(failures);
    // Counted beforehand, so that tries sent at once are bounded as well.
    failures.count++;
    const access = await this.#authenticate(credentials.username, credentials.password);
    if (access === undefined) {
      this.#known.delete(key);
      throw denied();
    }
    failures.count--;
    remember(this.#known, key);
    return access;
  }

  #failuresOf(address: string): Failures {
    const nowMs = this.#clock.monotonicMs();
    const found = this.#failures.get(address);
    this.#failures.delete(address);
    const current = found !== undefined && found.untilMs > nowMs ? found : { count: 0, untilMs: nowMs + WINDOW_MS };
    this.#failures.set(address, current);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest);
    return current;
  }

  #tooMany({ untilMs }: Failures): RegistryError {
    const waitS = Math.ceil((untilMs - this.#clock.monotonicMs()) / 1000);
    return new RegistryError(429, 'TOOMANYREQUESTS', `Too many failed logins. Wait ${waitS} s.`, {
      headers: { 'Retry-After': String(waitS) },
    });
  }
}

function remember(known: Set<string>, key: string): void {
  known.delete(key);
  known.add(key);
  const [oldest] = known;
  if (known.size > LOGINS_MAX && oldest !== undefined) known.delete(oldest);
}

function credentialsOf(
  header: string | undefined,
): { readonly username: string; readonly password: string } | undefined {
  if (header === undefined || header.length > HEADER_MAX) return undefined;
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const denied = () =>
  new RegistryError(401, 'UNAUTHORIZED', 'Log in to this registry.', {
    headers: { 'WWW-Authenticate': 'Basic realm="shoal"' },
  });
