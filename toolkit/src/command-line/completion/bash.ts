import { operandLines, valueLines } from './cases';
import type { Place } from './places';

/** Needs nothing but bash 4.4: not the package bash-completion. */
export const bashCompletion = (places: readonly Place[]): string => `\
# Completion of submilli for bash, by \`submilli completion bash\`.

# What may follow in a place: the commands, the options, and what the operand at this position is.
_submilli_place() {
  commands='' options='' operand='other'
  case $1 in
${places.flatMap(placeLines).join('\n')}
  esac
  case $1:$2 in
${places.flatMap(operandLines).join('\n')}
  esac
}

# What the value of an option is; empty where it takes none.
_submilli_value() {
  value=''
  case $1:$2 in
${places.flatMap(valueLines).join('\n')}
  esac
}

_submilli_offer() {
  case $1 in
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folder) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    words\\ *) mapfile -t COMPREPLY < <(compgen -W "$commands \${1#words }" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current") ;;
  esac
}

_submilli() {
  local current=\${COMP_WORDS[COMP_CWORD]} where='' waiting='' only='' word i
  local -i position=0
  local commands options operand value
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $waiting ]]; then
      [[ $word == = ]] || waiting='' # --option=value comes as three words
    elif [[ -z $only && $word == -- ]]; then
      only=operands
    elif [[ -z $only && $word == -* ]]; then
      _submilli_value "$where" "$word"
      [[ -z $value ]] || waiting=$word
    else
      _submilli_place "$where" "$position"
      if [[ $position == 0 && " $commands " == *" $word "* ]]; then
        where=\${where:+$where }$word
      else
        position+=1
      fi
    fi
  done
  if [[ -n $waiting ]]; then
    _submilli_value "$where" "$waiting"
    commands=''
    [[ $current != = ]] || current=''
    _submilli_offer "$value"
  else
    _submilli_place "$where" "$position"
    [[ $position == 0 ]] || commands=''
    if [[ -z $only && ($current == -* || (-z $commands && $operand == other)) ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    else
      _submilli_offer "$operand"
      [[ -z $commands || $operand != file ]] || mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$commands" -- "$current")
    fi
  fi
}

complete -F _submilli submilli
`;

const placeLines = ({ where, commands, options }: Place): string[] => {
  const words = (of: typeof commands): string => of.map(({ name }) => name).join(' ');
  return [`    '${where}') commands='${words(commands)}' options='${words(options)}' ;;`];
};
