import { operandLines, valueLines } from './cases';
import type { Candidate, Place } from './places';

/** As a file `_submilli` in a folder of `fpath`, or read by .zshrc after `compinit`. */
export const zshCompletion = (places: readonly Place[]): string => `\
#compdef submilli
# Completion of submilli for zsh, by \`submilli completion zsh\`.

# What may follow in a place: the commands, the options, and what the operand at this position is.
_submilli_place() {
  commands=() options=() operand=other
  case $1 in
${places.flatMap(placeLines).join('\n')}
  esac
  case $1:$2 in
${places.flatMap(operandLines).join('\n')}
  esac
}

# What the value of an option is; empty where it takes none.
_submilli_value() {
  value=
  case $1:$2 in
${places.flatMap(valueLines).join('\n')}
  esac
}

_submilli_offer() {
  case $1 in
    file) _files ;;
    folder) _files -/ ;;
    words\\ *) compadd -- \${=1#words } ;;
  esac
}

_submilli() {
  local where waiting only word operand value
  local -a commands options
  integer i position=0
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $waiting ]]; then
      waiting=
    elif [[ -z $only && $word == -- ]]; then
      only=operands
    elif [[ -z $only && $word == -* ]]; then
      _submilli_value "$where" $word
      [[ -z $value ]] || waiting=$word
    else
      _submilli_place "$where" $position
      if (( position == 0 && \${commands[(I)$word:*]} )); then
        where=\${where:+$where }$word
      else
        position+=1
      fi
    fi
  done
  if [[ -z $waiting && -z $only && $PREFIX == --*=* ]]; then
    waiting=\${PREFIX%%=*}
    compset -P '*='
  fi
  if [[ -n $waiting ]]; then
    _submilli_value "$where" $waiting
    _submilli_offer $value
    return
  fi
  _submilli_place "$where" $position
  (( position == 0 )) || commands=()
  if [[ -z $only && ( $PREFIX == -* || ( -z $commands && $operand == other ) ) ]]; then
    _describe -o -t options option options
    return
  fi
  local result=1
  [[ -z $commands ]] || { _describe -t commands command commands && result=0 }
  _submilli_offer $operand && result=0
  return result
}

# As a file of fpath this is the body of the function; where it was read, it only defines it.
if [[ $funcstack[1] == _submilli ]]; then
  _submilli "$@"
else
  compdef _submilli submilli
fi
`;

const placeLines = ({ where, commands, options }: Place): string[] => [
  `    ${quoted(where)})`,
  ...(commands.length === 0 ? [] : [`      commands=(${commands.map(described).join(' ')})`]),
  ...(options.length === 0 ? [] : [`      options=(${options.map(described).join(' ')})`]),
  '      ;;',
];

const described = ({ name, description }: Candidate): string => quoted(`${name}:${description}`);

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
