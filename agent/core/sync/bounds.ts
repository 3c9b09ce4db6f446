const KiB = 1024;
const MiB = 1024 * KiB;

/** Periods (milliseconds) and sizes (bytes) of anti-entropy. */
export const bounds = {
  /** A neighbour is asked about this often. A shorter period repairs lost changes sooner and costs a summary each. */
  periodMs: 1_000,
  /** Now and then any member is asked instead, so that two halves that lost their links find each other. */
  strangerPeriodMs: 10_000,
  /** A catalog that differed is compared again this soon: what is still missing did not fit. */
  followUpMs: 250,
  /** A host record this young is probably on its way already and is not pushed yet. */
  settleMs: 1_000,
  /** A peer that is this many versions behind does not get them on their way: it is sent even a young record. */
  settleSequences: 3,
  /** Longest wait before a peer is asked again with which a comparison changed nothing. */
  backOffMaxMs: 60_000,
  /** A message is cut at about this size; the next round takes the rest. */
  messageBytes: 256 * KiB,
  /** All messages that answer one. */
  answerBytes: 1 * MiB,
  /** What one peer can make this member send, and how fast that grows back per second. */
  budgetBytes: 4 * MiB,
  budgetBytesPerS: 2 * MiB,
  /** Keys looked at in one message of a peer; more are ignored. */
  keysPerMessage: 16_384,
} as const;
