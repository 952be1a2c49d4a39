# bash offers.bash SCRIPT LINE...: what bash offers at Tab after each line. Words are split as readline splits them: at =, too.
. "$1"
shift
for line in "$@"; do
  read -ra COMP_WORDS <<< "${line//=/ = }"
  [[ $line != *[\ =] ]] || COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _submilli 2> /dev/null # compopt says that nobody pressed Tab
  echo "LINE:$line"
  ((${#COMPREPLY[@]} == 0)) || printf 'OFFER:%s\n' "${COMPREPLY[@]}"
done
