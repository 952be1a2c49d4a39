import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Certificates = {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
};

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority of our own in this folder, a server's certificate for 127.0.0.1 and a client's. */
export const makeCertificates = (folder: string): Certificates => {
  const [ca, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test authority', '-keyout', caKey, '-out', ca);
  const issue = (name: string, subject: string): { cert: string; key: string } => {
    const [key, request, cert, names] = ['key', 'csr', 'pem', 'ext'].map((end) => join(folder, `${name}.${end}`)) as [
      ...[string, string, string, string],
    ];
    writeFileSync(names, 'subjectAltName = IP:127.0.0.1, DNS:localhost\n');
    openssl('req', ...newKey, '-subj', subject, '-keyout', key, '-out', request);
    openssl(
      ...['x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2'],
      ...['-extfile', names, '-out', cert],
    );
    return { cert, key };
  };
  // etcd with users refuses at its gateway whoever shows a certificate with a common name.
  return { ca, server: issue('server', '/CN=server'), client: issue('client', '/O=submilli') };
};
