import type { Values } from '../tree';
import type { Candidate, Place } from './places';

/** As ~/.config/fish/completions/submilli.fish. */
export const fishCompletion = (places: readonly Place[]): string => `\
# Completion of submilli for fish, by \`submilli completion fish\`.

function __submilli_commands
    switch $argv[1]
${places.flatMap(({ where, commands }) => caseOf([where], commands.map(described))).join('\n')}
    end
end

function __submilli_options
    switch $argv[1]
${places.flatMap(({ where, options }) => caseOf([where], options.map(described))).join('\n')}
    end
end

# What the operand at a position is.
function __submilli_operand
    switch "$argv[1]:$argv[2]"
${places.flatMap(({ where, operands }) => operands.flatMap(({ position, values }) => caseOf([`${where}:${position === 'any' ? '*' : position}`], kindOf(values)))).join('\n')}
    end
end

# What the value of an option is; nothing where it takes none.
function __submilli_value
    switch "$argv[1]:$argv[2]"
${places
  .flatMap(({ where, valued }) =>
    valued.flatMap(({ names, values }) =>
      caseOf(
        names.map((name) => `${where}:${name}`),
        kindOf(values),
      ),
    ),
  )
  .join('\n')}
    end
end

# Current word, what may stand there, and what each is to be preceded by.
function __submilli_offer
    set -l current $argv[1]
    set -l before $argv[2]
    switch "$argv[3]"
        case file
            printf "$before%s\\n" (__fish_complete_path $current)
        case folder
            printf "$before%s\\n" (__fish_complete_directories $current)
        case other ''
        case '*'
            printf "$before%s\\n" $argv[3..-1]
    end
end

function __submilli
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l where ''
    set -l waiting ''
    set -l only ''
    set -l position 0
    for word in $words[2..-1]
        if test -n "$waiting"
            set waiting ''
        else if test -z "$only" -a "x$word" = x--
            set only operands
        else if test -z "$only"; and string match -q -- '-*' $word
            set -l value (__submilli_value "$where" $word)
            test -n "$value"; and set waiting $word
        else if test $position -eq 0; and contains -- $word (__submilli_commands "$where" | string replace -r '\\t.*' '')
            set where (string trim "$where $word")
        else
            set position (math $position + 1)
        end
    end
    if test -n "$waiting"
        __submilli_offer "$current" '' (__submilli_value "$where" $waiting)
        return
    end
    if test -z "$only"; and string match -q -- '--*=*' $current
        set -l parts (string split -m 1 = -- $current)
        __submilli_offer "$parts[2]" "$parts[1]=" (__submilli_value "$where" $parts[1])
        return
    end
    set -l operand (__submilli_operand "$where" $position)
    set -l commands
    test $position -eq 0; and set commands (__submilli_commands "$where")
    if test -z "$only"; and begin
            string match -q -- '-*' $current
            or test -z "$commands" -a \\( -z "$operand" -o "$operand" = other \\)
        end
        __submilli_options "$where"
        return
    end
    test -n "$commands"; and printf '%s\\n' $commands
    __submilli_offer "$current" '' $operand
end

complete -c submilli -f -a '(__submilli)'
`;

const caseOf = (names: readonly string[], words: readonly string[]): string[] =>
  words.length === 0
    ? []
    : [`        case ${names.map(quoted).join(' ')}`, ...words.map((word) => `            printf '%s\\n' ${word}`)];

const described = ({ name, description }: Candidate): string => quoted(`${name}\t${description}`);

const kindOf = (values: Values): string[] => (values.kind === 'choices' ? values.choices.map(quoted) : [values.kind]);

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
