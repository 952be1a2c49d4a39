const MAX_LABEL_LENGTH = 256;

/** What hardly any value holds: what has to be escaped, NUL, and halves of surrogate pairs (whole pairs look alike). */
const UNUSUAL = /[\\"\n\0\ud800-\udfff]/;

/** Labels as text format 0.0.4 has them between the braces. */
export const labelsText = (names: readonly string[], values: readonly string[]): string => {
  let text = '';
  for (let i = 0; i < names.length; i += 1) {
    text += `${i === 0 ? '' : ','}${names[i] ?? ''}="${valueText(values[i] ?? '')}"`;
  }
  return text;
};

const valueText = (value: string): string =>
  value.length <= MAX_LABEL_LENGTH && !UNUSUAL.test(value) ? value : escapeLabel(cleanLabel(value));

/** PostgreSQL identifiers and client-set names are any bytes; Prometheus wants well-formed UTF-8 of bounded length. */
const cleanLabel = (text: string): string =>
  text.slice(0, MAX_LABEL_LENGTH).toWellFormed().replaceAll('\u0000', '\ufffd');

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
