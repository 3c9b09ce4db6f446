import { pieceBytesOf } from '../pieces.ts';

/** The shell sends both steps a tick this often; their own time is the number of ticks. Milliseconds. */
export const EXCHANGE_TICK_MS = 100;
/** A host that lacks pieces tells the tracker again this often. Milliseconds. */
export const REJOIN_MS = 2_000;

/** A piece may come this slowly, 1 Mbit/s, before somebody is thought to be broken. Bytes per millisecond. */
const SLOWEST_RATE = 125;

/** How long one piece of such a blob may take at most. Milliseconds. */
export const slowestPieceMs = (sizeBytes: number): number => Math.ceil(pieceBytesOf(sizeBytes) / SLOWEST_RATE);

/**
 * Periods (milliseconds of own time) and bounds of the exchange. Tuned with `scripts/bench/swarm-sim.ts`; what changing one
 * costs is said beside it.
 */
export const bounds = {
  // Uploads
  /**
   * Pieces on their way from this host at once, for all blobs. More keep the link busy while offers and requests travel; but
   * each piece takes that many times as long, what a host has not whole it can't pass on, and on a slow link some stand still.
   * So there is one more after a piece that took less than `fastMs`, and one less after one that took more than `slowMs`.
   */
  uploadSlots: { least: 3, most: 8, fastMs: 1_000, slowMs: 2_500 },
  /** Of those to one peer, while others want something too. */
  uploadsPerPeer: 4,
  /**
   * A transfer holds its slot for so many times the usual time, and that at least; then it goes on beside the slots, so that a
   * slow peer does not hold up the others. Less makes a busy host send too much at once.
   */
  slotPatience: { factor: 4, leastMs: 3_000 },
  /**
   * Slots and overdue ones together. What was lost on the way counts until `uploadMs` is over, so fewer stop a host whose messages
   * get lost. The piece server bounds the bytes of what is really under way (`adapters/pieces`).
   */
  uploadsMax: 20,
  /** Nothing was heard of an upload for this and `slowestPieceMs`: it is forgotten, and so is the peer for `ignoreMs`. */
  uploadMs: 30_000,
  /** A piece that was declined is not offered to the same peer again for this long. */
  declinedMs: 10_000,

  // Downloads
  /**
   * Pieces on their way to this host at once. More than others have upload slots crowds some hosts while others wait; fewer
   * leave the link idle between two pieces.
   */
  downloadsPerBlob: 8,
  downloads: 16,
  /** Slots of one blob and overdue ones together. */
  downloadsMax: 12,
  /** When only pieces on their way are missing, one that takes so much longer than usual may come from a second peer too. */
  endgamePatience: { factor: 2, leastMs: 500 },
  /** Fetches whose times are remembered for what is usual. */
  timesKept: 16,

  // Neighbours
  /** Asked for by this host; and at most, with those that asked. More know more and cost a message per piece each. */
  neighboursWanted: 10,
  neighbours: 16,
  /** Wait for the answer to a hello. */
  helloMs: 3_000,
  /**
   * Messages about pieces to one neighbour that leave at once in each tick; the rest wait for its end. Fewer are slow where a
   * piece takes a few milliseconds: hosts offer what is there already, or know of nothing to offer.
   */
  newsPerTick: 10,
  /**
   * News wait for others to go with them, at most this share of the time that a piece takes. Longer saves messages and costs offers of
   * pieces that are being got already.
   */
  newsWait: { share: 0.25, mostMs: 300 },
  /** With fewer neighbours that have what is missing here, the tracker is asked for more. */
  usefulNeighbours: 3,
  /** Without a new piece for this long the tracker is asked, and neighbours are told everything again. */
  stuckMs: 3_000,
  needPeersMs: 2_000,
  helloAgainMs: 6_000,

  // Faults
  /** A peer whose fetch failed, that said bye or did not answer is left alone for this long, times the number of failures. */
  ignoreMs: 2_000,
  /** So many failures in a row end the neighbourhood. */
  strikes: 3,
  /** A liar is left alone for this long, doubled each time, at most `banMsMax`. */
  banMs: 30_000,
  banMsMax: 30 * 60_000,
  /** Peers remembered per blob for their faults; the oldest go first. */
  faultsKept: 256,
  /** After a false proof among several makers only one of them is believed; without a piece for this long, all again. */
  oneMakerMs: 10_000,
  /** This host's disk takes nothing: offers are declined for this long. */
  fullMs: 5_000,

  // Memory
  /** Blobs open at once. Whole ones that wait make room; above it peers' questions are answered with bye. */
  blobs: 256,
  /** A whole blob that no neighbour lacks is forgotten after this. */
  idleMs: 30_000,
} as const;

/** Periods (milliseconds of own time) and bounds of the tracker. */
export const trackerBounds = {
  /** A host that has not joined again within this wants the blob no more. */
  participantMs: 3 * REJOIN_MS,
  /** After its start or a change of members a tracker may not know what there is for this long ... */
  unsettledMs: 3_000,
  /** ... and then waits this long after the first join before it goes to the upstream: others tell what they have. */
  graceMs: 1_000,
  /** Pieces that nobody has any more are fetched again after this: a host that just got all may be about to announce it. */
  missingMs: 1_500,
  /**
   * Nobody got a piece for this and `slowestPieceMs` although all pieces are said to be there: somebody lies, so the upstream
   * is asked. Less costs a second copy where links are slow.
   */
  stuckMs: 10_000,
  /** The next fetch for one blob starts this long after the last, doubled each time, at most `originAgainMsMax`. */
  originAgainMs: 500,
  originAgainMsMax: 60_000,
  /** A failure is told for this long, then a new try is allowed. */
  failureMs: 3_000,
  /** So is that an upstream has other bytes than it should; an engine asks again after 5 and 10 s. */
  falseMs: 60_000,
  /** Nobody has it and nobody can get it for this long: not found. */
  notFoundMs: 5_000,
  /** Peers in one answer. More cost a hello each. */
  peers: 10,
  /** Of those at most so many that have it whole, and at least so many of other zones when there are some. */
  holdersNamed: 3,
  otherZonesNamed: 3,
  /** Hosts that are told of the one that fetches: enough to take all that it can send, few enough not to crowd it. */
  seedNeighbours: 10,
  /** Blobs with a swarm at once, participants of one, and blobs that one host may say it holds. */
  swarms: 4_096,
  participants: 1_000,
  heldPerHost: 65_536,
} as const;
