import type { GatewayTls } from '../gateway/options.ts';
import type { Config } from '../lib/config.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { openServerCertificate, type ServerCertificate } from '../lib/server-certificate.ts';

const EVERY_INTERFACE = ['0.0.0.0', '::'];

/**
 * The certificate of `TLS_CERT` and `TLS_KEY`; null for plain http. AppError CONFIG_INVALID names the variable: one without the
 * other, or a file that cannot be served with.
 */
export function openCertificate(config: Config, logger: Logger): ServerCertificate | null {
  const { TLS_CERT, TLS_KEY, HOST } = config;
  if (TLS_CERT === undefined && TLS_KEY === undefined) return null;
  if (TLS_CERT === undefined) throw missing('TLS_CERT', 'TLS_KEY');
  if (TLS_KEY === undefined) throw missing('TLS_KEY', 'TLS_CERT');
  const files = { cert: { variable: 'TLS_CERT', path: TLS_CERT }, key: { variable: 'TLS_KEY', path: TLS_KEY } };
  const certificate = openServerCertificate({ files, logger });
  if (!EVERY_INTERFACE.includes(HOST) && !certificate.covers(HOST))
    logger.warn({ host: HOST }, 'the certificate is not for the HOST that clients are told');
  return certificate;
}

/** How the gateway serves https; null for plain http. AppError CONFIG_INVALID as `openCertificate`. */
export function openGatewayTls(config: Config, logger: Logger): GatewayTls | null {
  const { HSTS: hsts, HTTP_REDIRECT_PORT: redirectPort } = config;
  const certificate = openCertificate(config, logger);
  if (certificate) return { certificate, hsts, ...(redirectPort === undefined ? {} : { redirectPort }) };
  if (redirectPort !== undefined) throw missing('TLS_CERT', 'HTTP_REDIRECT_PORT');
  return null;
}

function missing(variable: string, given: string): AppError {
  return new AppError('CONFIG_INVALID', `${variable} must be set where ${given} is.`, { extensions: { variable } });
}
