# fish offers.fish SCRIPT LINE...: what fish offers at Tab after each line.
source $argv[1]
for line in $argv[2..-1]
    echo LINE:$line
    for offer in (complete -C $line | string replace -r '\t.*' '')
        echo OFFER:$offer
    end
end
