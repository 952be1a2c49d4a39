# zsh -f offers.zsh SCRIPT LINE...: what zsh offers at Tab after each line, as a user on a terminal would see it.
zmodload zsh/zpty
script=$1
shift
zpty user zsh -f -i
zpty -w user "PS1=; autoload -Uz compinit; compinit -u -D; source ${(q)script}
compadd() {
  if [[ \$* == *(-A|-O|-D)\ * ]]; then builtin compadd \"\$@\"; return; fi
  local -a offered; builtin compadd -A offered \"\$@\"; print -rl -- '' OFFER:\$^offered
  builtin compadd \"\$@\"
}
tab() { zle complete-word; print -r -- \$'\\n'TABBED }; zle -N tab; bindkey '^I' tab
print RE''ADY"
zpty -r user seen '*READY*'
for line in $@; do
  zpty -w -n user $line$'\t'
  zpty -r user seen '*TABBED*'
  print -r -- "LINE:$line"
  print -rl -- ${(M)${(f)${seen//$'\r'/}}:#OFFER:*}
  zpty -w -n user $'\C-u'
done
zpty -d user
