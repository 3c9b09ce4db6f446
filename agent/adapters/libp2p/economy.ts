import { Socket } from 'node:net';
import type { ConnectionEncrypter, MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';

/*
 * What the libraries below do too often, done less often. Both reach for members that their types do not tell; where one is
 * missing, all stays as the library does it.
 */

type Encryption<C> = (components: C) => ConnectionEncrypter;

/**
 * Noise writes the length and the content of each packet by themselves, and each write is a system call and a packet of the
 * network. With this, what one turn of the event loop sends to a peer leaves as one.
 */
export function batched<C>(encryption: Encryption<C>): Encryption<C> {
  return (components) => {
    const encrypter = encryption(components);
    return {
      protocol: encrypter.protocol,
      secureInbound: (connection, options) => encrypter.secureInbound(batchWrites(connection), options),
      secureOutbound: (connection, options) => encrypter.secureOutbound(batchWrites(connection), options),
    };
  };
}

interface OverSocket {
  readonly socket: Socket;
  sendData(data: unknown): unknown;
}

const isOverSocket = (connection: object): connection is OverSocket =>
  'socket' in connection && connection.socket instanceof Socket && 'sendData' in connection;

function batchWrites<S extends MessageStream>(connection: S): S {
  if (!isOverSocket(connection)) return connection;
  const { socket } = connection;
  const sendData = connection.sendData.bind(connection);
  let isCorked = false;
  connection.sendData = (data) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      setImmediate(() => {
        isCorked = false;
        socket.uncork();
      });
    }
    return sendData(data);
  };
  return connection;
}

/**
 * Yamux answers every frame with the new size of its window. With this only once half of the window is used, as the yamux
 * specification has it: the sender never waits, since it has the other half.
 */
export function frugal(muxing: () => StreamMuxerFactory): () => StreamMuxerFactory {
  return () => {
    const factory = muxing();
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => delayUpdatesOfAll(factory.createStreamMuxer(connection)),
    };
  };
}

interface Receiving {
  onRemoteStream(stream: Stream): void;
}

const isReceiving = (muxer: object): muxer is Receiving => 'onRemoteStream' in muxer;

function delayUpdatesOfAll(muxer: StreamMuxer): StreamMuxer {
  const createStream = muxer.createStream.bind(muxer);
  muxer.createStream = async (options) => delayUpdates(await createStream(options));
  if (isReceiving(muxer)) {
    // Not as a listener: the library takes the first one for the connection's own and forgets streams that came before.
    const receive = muxer.onRemoteStream.bind(muxer);
    muxer.onRemoteStream = (stream) => receive(delayUpdates(stream));
  }
  return muxer;
}

/** A yamux stream. Bytes. */
interface Windowed {
  readonly state: number;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate(): void;
}

const isWindowed = (stream: object): stream is Windowed =>
  'sendWindowUpdate' in stream && 'state' in stream && 'recvWindow' in stream && 'recvWindowCapacity' in stream;

/** Yamux' number for a stream whose handshake is done; before, an update carries the handshake. */
const ESTABLISHED = 3;

function delayUpdates<S extends Stream>(stream: S): S {
  if (!isWindowed(stream)) return stream;
  const send = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const isPlenty = stream.recvWindowCapacity * 2 > stream.recvWindow;
    if (stream.state !== ESTABLISHED || !isPlenty) send();
  };
  return stream;
}
