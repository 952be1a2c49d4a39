import { t } from '@grafana/i18n';
import { Combobox, type ComboboxOption, Field } from '@grafana/ui';

type Props = {
  readonly label: string;
  /** Empty: any. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
};

const ANY = '';

/** One of several, or any. */
export const Choice = ({ label, value, onChange, options }: Props) => {
  const all: ComboboxOption[] = [{ value: ANY, label: t('choice.any', 'any') }, ...options];
  return (
    <Field label={label} noMargin>
      <Combobox
        aria-label={label}
        options={all}
        value={value}
        width={20}
        onChange={({ value: chosen }) => onChange(chosen)}
      />
    </Field>
  );
};
