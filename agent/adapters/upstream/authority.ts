import { createHash } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { UpstreamAccess } from '../../ports/upstream.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { type Exchange, readBody } from './exchange.ts';
import { garbage, statusFailure, tokenFailure } from './failures.ts';

const CACHE_MAX = 1_000;
const TOKEN_BODY_BYTES = 64 * 1_024;
const TOKEN_MS = 10_000;
/** A token that says nothing of its end (distribution's token spec). */
const EXPIRES_IN_S = 60;
const EXPIRES_IN_S_MAX = 24 * 3_600;
/** Taken off a token's time, for what is under way. */
const MARGIN_MS = 5_000;
/** What may stand in a header (RFC 6750, 2.1). */
const TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}=*$/;

interface Known {
  readonly header: string;
  readonly untilMs: number;
}

/** Gets and keeps what registries want to see as `Authorization`. */
export class Authority {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  /** By registry, login and scope. The oldest go first. */
  readonly #known = new Map<string, Known>();

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** What worked before. */
  known(access: UpstreamAccess, scope: string): string | undefined {
    const key = keyOf(access, scope);
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#clock.monotonicMs()) return known.header;
    this.#known.delete(key);
    return undefined;
  }

  /**
   * Answers a 401, and keeps the answer.
   *
   * @param header `WWW-Authenticate`
   * @throws ShoalError upstream-denied, upstream-unavailable, timeout, cancelled
   */
  async obtain(
    access: UpstreamAccess,
    scope: string,
    header: string | undefined,
    place: string,
    signal: AbortSignal,
  ): Promise<string> {
    const key = keyOf(access, scope);
    this.#known.delete(key);
    const challenge = parseChallenge(header);
    if (challenge === undefined) throw statusFailure(401, place);
    const known =
      challenge.scheme === 'basic'
        ? { header: basicOf(access, place), untilMs: this.#clock.monotonicMs() + EXPIRES_IN_S_MAX * 1_000 }
        : await this.#token(access, scope, challenge, place, signal);
    this.#known.set(key, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= CACHE_MAX) break;
      this.#known.delete(oldest);
    }
    return known.header;
  }

  async #token(
    access: UpstreamAccess,
    scope: string,
    { realm, service, scope: wanted }: Extract<Challenge, { scheme: 'bearer' }>,
    place: string,
    signal: AbortSignal,
  ): Promise<Known> {
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', wanted ?? scope);
    if (access.login !== undefined && !mayCarryLogin(access.url, url))
      throw garbage(place, 'the registry wants the login sent without encryption');
    const authorization = access.login && basicOf(access, place);
    const question = { method: 'GET', url, headers: {}, authorization, place, timeoutMs: TOKEN_MS } as const;
    const askedAtMs = this.#clock.monotonicMs();
    const answer = await this.#exchange.ask(question, signal);
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw tokenFailure(answer.statusCode ?? 0, place);
    }
    const bounds = { maxBytes: TOKEN_BODY_BYTES, timeoutMs: TOKEN_MS, place };
    const token = tokenIn(await readBody(answer, bounds, this.#clock, signal));
    if (token === undefined) throw garbage(place, 'the registry gives no token that can be read');
    return { header: `Bearer ${token.text}`, untilMs: askedAtMs + token.expiresInS * 1_000 - MARGIN_MS };
  }
}

/**
 * Whether a login may be sent to a place without encryption: when its registry is used without it anyway, or on this machine
 * only.
 */
export function mayCarryLogin(accessUrl: string, target: URL): boolean {
  if (target.protocol === 'https:') return true;
  return new URL(accessUrl).protocol === 'http:' || isLoopback(target.hostname);
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

function basicOf({ login }: UpstreamAccess, place: string): string {
  if (login === undefined) throw statusFailure(401, place);
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
}

function tokenIn(body: Buffer): { readonly text: string; readonly expiresInS: number } | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    if (typeof json !== 'object' || json === null) return undefined;
    const names = ['token' in json && json.token, 'access_token' in json && json.access_token];
    const text = names.find((value) => typeof value === 'string');
    if (text === undefined || !TOKEN.test(text)) return undefined;
    const said = 'expires_in' in json && typeof json.expires_in === 'number' ? json.expires_in : EXPIRES_IN_S;
    return { text, expiresInS: Math.min(EXPIRES_IN_S_MAX, Math.max(EXPIRES_IN_S, said)) };
  } catch {
    return undefined;
  }
}

/** A login is kept as a hash only. */
function keyOf({ url, login }: UpstreamAccess, scope: string): string {
  const who = login === undefined ? '' : JSON.stringify([login.username, login.password]);
  return `${url}\n${scope}\n${createHash('sha256').update(who).digest('hex')}`;
}
