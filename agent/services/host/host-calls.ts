import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId, HostId, ReservationId } from '../../../protocol/ids.ts';
import { ContainerIdSchema } from '../../../protocol/schemas/common.ts';
import type { PowerAction } from '../../core/host/messages.ts';
import type { AwardAnswer } from '../../core/placement/ledger.ts';
import type { Ask, Award, Bid } from '../../core/placement/types.ts';
import type { Transport } from '../../ports/transport.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import { askCodec, awardCodec, bidCodec, claimsCodec, releaseCodec } from '../codec/auction.ts';

/** How a power operation is done. */
export interface PowerManner {
  /** Of `kill`; SIGKILL unless given. */
  readonly killSignal?: string | undefined;
  /** Of `remove`: for the timeline, e.g. `surplus`. */
  readonly why?: string | undefined;
}

/** What a host does for others. Its own agent is called directly, the others over the mesh. */
export interface HostDuties {
  ask(ask: Ask): Promise<Bid>;
  /** The answer to an ask without its reservation. */
  quote(ask: Ask): Promise<Bid>;
  award(award: Award): AwardAnswer;
  release(reservationId: ReservationId): void;
  /** @throws ShoalError not-found, conflict, engine-unavailable; to remove what is absent is fine */
  power(containerId: ContainerId, action: PowerAction, how?: PowerManner): Promise<void>;
}

const ASK_MS = 2_000;
const AWARD_MS = 1_500;
/** It is answered once the host has noted what is wanted, so no grace time is part of it. */
const POWER_MS = 10_000;

const PowerBody = Type.Object({
  containerId: ContainerIdSchema,
  action: Type.Union(
    ['start', 'stop', 'restart', 'kill', 'remove'].map((action) => Type.Literal(action as PowerAction)),
  ),
  killSignal: Type.Optional(Type.String({ pattern: '^(SIG)?[A-Z0-9+-]{1,16}$' })),
  why: Type.Optional(Type.String({ pattern: '^[a-z -]{1,64}$' })),
});
const powerBody = Compile(PowerBody);

/** Reaches the duties of any host, this one's without a detour. */
export class HostCalls {
  readonly #transport: Transport;
  readonly #own: HostDuties;

  constructor(transport: Transport, own: HostDuties) {
    this.#transport = transport;
    this.#own = own;
    serve(transport, own);
  }

  async ask(hostId: HostId, ask: Ask): Promise<Bid> {
    if (hostId === this.#transport.hostId) return this.#own.ask(ask);
    return bidCodec.decode(await this.#call(hostId, 'host.ask', askCodec.encode(ask), ASK_MS));
  }

  async quote(hostId: HostId, ask: Ask, signal?: AbortSignal): Promise<Bid> {
    if (hostId === this.#transport.hostId) return this.#own.quote(ask);
    return bidCodec.decode(await this.#call(hostId, 'host.quote', askCodec.encode(ask), ASK_MS, signal));
  }

  /** @throws ShoalError host-unreachable or timeout: then it is unknown whether the host has claimed */
  async award(hostId: HostId, award: Award): Promise<AwardAnswer> {
    if (hostId === this.#transport.hostId) return this.#own.award(award);
    try {
      const reply = await this.#call(hostId, 'host.award', awardCodec.encode(award), AWARD_MS);
      return { ok: true, claims: claimsCodec.decode(reply).claims };
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      if (error.code === 'reservation-expired' || error.code === 'invalid-request')
        return { ok: false, reason: error.code };
      throw error;
    }
  }

  async release(hostId: HostId, reservationId: ReservationId): Promise<void> {
    if (hostId === this.#transport.hostId) this.#own.release(reservationId);
    else await this.#call(hostId, 'host.release', releaseCodec.encode({ reservationId }), ASK_MS);
  }

  async power(
    hostId: HostId,
    containerId: ContainerId,
    action: PowerAction,
    options: PowerManner & { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const { signal, ...how } = options;
    if (hostId === this.#transport.hostId) return this.#own.power(containerId, action, how);
    await this.#call(hostId, 'host.power', encodeJson({ containerId, action, ...how }), POWER_MS, signal);
  }

  #call(to: HostId, method: string, body: Uint8Array, timeoutMs: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#transport.call(to, method, body, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
  }
}

const nothing = new Uint8Array();

function serve(transport: Transport, own: HostDuties): void {
  transport.handle('host.ask', async (_from, body) => bidCodec.encode(await own.ask(askCodec.decode(body))));
  transport.handle('host.quote', async (_from, body) => bidCodec.encode(await own.quote(askCodec.decode(body))));
  transport.handle('host.award', async (_from, body) => {
    const answer = own.award(awardCodec.decode(body));
    if (!answer.ok) throw new ShoalError(answer.reason, 'The award does not fit an open reservation.');
    return claimsCodec.encode(answer);
  });
  transport.handle('host.release', async (_from, body) => {
    own.release(releaseCodec.decode(body).reservationId);
    return nothing;
  });
  transport.handle('host.power', async (_from, body) => {
    const request = decodeJson<Type.Static<typeof PowerBody>>(body, (v) => powerBody.Check(v), 'power operation');
    await own.power(request.containerId, request.action, request);
    return nothing;
  });
}
