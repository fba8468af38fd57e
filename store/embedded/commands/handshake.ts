import { MAX_DOCUMENT_SIZE } from '../collection/document-writer.ts';
import type { Reply } from './command-run.ts';

/** Minutes after which a client need not think its session alive. */
export const SESSION_MINUTES = 30;

/** Largest message taken, in bytes. */
export const MAX_MESSAGE_SIZE = 48_000_000;

/**
 * `hello`: a replica set of one. No `topologyVersion`: the driver would switch to streaming heartbeats, which are not offered.
 * `address` is what the client dialled.
 */
export function hello(address: string, connectionId: number, legacy: boolean): Reply {
  return {
    document: {
      helloOk: true,
      [legacy ? 'ismaster' : 'isWritablePrimary']: true,
      secondary: false,
      setName: 'tributary',
      setVersion: 1,
      hosts: [address],
      primary: address,
      me: address,
      maxBsonObjectSize: MAX_DOCUMENT_SIZE,
      maxMessageSizeBytes: MAX_MESSAGE_SIZE,
      maxWriteBatchSize: 100_000,
      localTime: new Date(),
      logicalSessionTimeoutMinutes: SESSION_MINUTES,
      connectionId,
      minWireVersion: 0,
      maxWireVersion: 21,
      readOnly: false,
    },
  };
}

/** `buildInfo`. */
export function buildInfo(): Reply {
  return {
    document: {
      version: '7.0.0',
      versionArray: [7, 0, 0, 0],
      gitVersion: 'tributary',
      modules: [],
      bits: 64,
      maxBsonObjectSize: MAX_DOCUMENT_SIZE,
    },
  };
}
