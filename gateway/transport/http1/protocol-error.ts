/** Bytes that are no HTTP/1.1 response (RFC 9112), or one beyond our limits. The connection they came over is done for. */
export class ProtocolError extends Error {
  /** `size`: more body than is allowed; `syntax`: all else. */
  readonly kind: 'syntax' | 'size';

  constructor(message: string, kind: 'syntax' | 'size' = 'syntax') {
    super(message);
    this.name = 'ProtocolError';
    this.kind = kind;
  }
}
