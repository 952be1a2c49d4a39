import { t } from '@grafana/i18n';

/** What is wrong with an exporter's address; nothing if it is none at all: not every installation has all exporters. */
export const problemWithUrl = (text: string): string | undefined => {
  if (text === '') return undefined;
  if (!URL.canParse(text)) return t('configuration.url.invalid', 'Not an address; one looks like http://host:9091');
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    return t('configuration.url.scheme', 'It begins with http:// or https://');
  if (username !== '' || password !== '') {
    return t('configuration.url.secret', 'No user and password here: they go into the header, which is kept encrypted');
  }
  if (search !== '' || hash !== '' || text.endsWith('/')) {
    return t('configuration.url.tail', 'Nothing after the address: no slash, no question mark');
  }
  return undefined;
};
