# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_shellproof_global_optspecs
    string join \n state= color= h/help V/version
end

function __fish_shellproof_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_shellproof_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_shellproof_using_subcommand
    set -l cmd (__fish_shellproof_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c shellproof -n "__fish_shellproof_needs_command" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_needs_command" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_needs_command" -s V -l version -d 'Print version'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "vet" -d 'Inspect skills and say whether they may be installed, with the evidence'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "grant" -d 'Propose, approve, show and revoke what a skill may do'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "policy" -d 'Test, check and explain the policy that decides'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "ledger" -d 'Read, verify and prove the tamper-evident record'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "explain" -d 'Say what a rule finds, why it matters and how to fix it'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "demo" -d 'See it work: three skills, a grant, and a ledger that notices'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "man" -d 'Print the manual page'
complete -c shellproof -n "__fish_shellproof_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -s f -l format -d 'How to write the result' -r -f -a "human\t'For people'
json\t'One JSON document'
jsonl\t'One JSON object a line, as soon as each is there'
sarif\t'SARIF 2.1.0, for code scanning'"
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l fail-on -d 'The mildest decision that makes the exit code 1' -r -f -a "warn\t'Warned, held or blocked'
hold\t'Held or blocked'
block\t'Blocked'
never\t'The exit code tells only whether the inspection was complete'"
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l policy -d 'Policy directory or file to decide by, instead of the built-in one' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l timeout -d 'Seconds that one artifact may take before it is held as incomplete' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -s j -l jobs -d 'Artifacts inspected side by side [default: the number of processors]' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l no-known-lists -d 'Use no list of known hosts, hashes, owners or campaigns'
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l no-cache -d 'Read nothing kept from earlier runs'
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -l no-record -d 'Do not append the verdicts to the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -s v -l verbose -d 'Also show findings meant for reviewers and authors'
complete -c shellproof -n "__fish_shellproof_using_subcommand vet" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "draft" -d 'Propose the least grant that covers what a skill was seen to need'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "approve" -d 'Sign a grant for a skill exactly as it is now'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "show" -d 'Show one grant, or the one in force for a skill'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "diff" -d 'Show what changed in a skill since its grant, as capabilities'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "revoke" -d 'End a grant now'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "list" -d 'List all grants with their state'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and not __fish_seen_subcommand_from draft approve show diff revoke list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l policy -d 'Policy directory or file to decide by, instead of the built-in one' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l timeout -d 'Seconds that one artifact may take before it is held as incomplete' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l no-known-lists -d 'Use no list of known hosts, hashes, owners or campaigns'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from draft" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l add -d 'Grant this capability as well; may be repeated' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l without -d 'Leave this capability out of what was proposed; may be repeated' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l expires -d 'How long it holds: `12h`, `30d`' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l by -d 'Who approves [default: the user who runs this]' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l reason -d 'Why a skill that is held may have a grant all the same' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l policy -d 'Policy directory or file to decide by, instead of the built-in one' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l timeout -d 'Seconds that one artifact may take before it is held as incomplete' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -s y -l yes -d 'Do not ask'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -l no-known-lists -d 'Use no list of known hosts, hashes, owners or campaigns'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from show" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from show" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from show" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l policy -d 'Policy directory or file to decide by, instead of the built-in one' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l timeout -d 'Seconds that one artifact may take before it is held as incomplete' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l no-known-lists -d 'Use no list of known hosts, hashes, owners or campaigns'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for the record' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from revoke" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from list" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from list" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from list" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "draft" -d 'Propose the least grant that covers what a skill was seen to need'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "approve" -d 'Sign a grant for a skill exactly as it is now'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one grant, or the one in force for a skill'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Show what changed in a skill since its grant, as capabilities'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'End a grant now'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "list" -d 'List all grants with their state'
complete -c shellproof -n "__fish_shellproof_using_subcommand grant; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -f -a "test" -d 'Run the tests of a policy, with coverage'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -f -a "check" -d 'Load a policy and say what is wrong with it'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -f -a "explain" -d 'Say which rules of a policy made a decision, from an inspection in JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and not __fish_seen_subcommand_from test check explain help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from test" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from test" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from test" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from check" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from explain" -l policy -d 'Policy directory or file [default: the built-in policy]' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from explain" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from explain" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from explain" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "test" -d 'Run the tests of a policy, with coverage'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "check" -d 'Load a policy and say what is wrong with it'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Say which rules of a policy made a decision, from an inspection in JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "tail" -d 'Show the newest records'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "show" -d 'Show one record in full'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "verify" -d 'Check every record against the tree, the tree against its signed checkpoint, and that against one kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "prove" -d 'Write a proof that a record is in the ledger, which anybody can check offline'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "check-proof" -d 'Check a proof that `prove` wrote, without the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "checkpoint" -d 'Print the newest signed checkpoint, to be kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "key" -d 'Print the verifier key of the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and not __fish_seen_subcommand_from tail show verify prove check-proof checkpoint key help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s n -l lines -d 'How many' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l kind -d 'Only records of this kind: vet, grant.draft, grant.approve, grant.revoke' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l subject -d 'Only records about this artifact or grant' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -l json -d 'One JSON object a line'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from show" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from show" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l dir -d 'The ledger\'s directory [default: the one in --state]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l against -d 'A checkpoint kept elsewhere: shows truncation and rollback' -r -F
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l key -d 'The verifier key to trust, as `ledger key` prints it [default: the one in --state]' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from prove" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from prove" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from prove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from check-proof" -l key -d 'The verifier key to trust, as `ledger key` prints it' -r
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from check-proof" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from check-proof" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from check-proof" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from checkpoint" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from checkpoint" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from checkpoint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from key" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from key" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "tail" -d 'Show the newest records'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one record in full'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check every record against the tree, the tree against its signed checkpoint, and that against one kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "prove" -d 'Write a proof that a record is in the ledger, which anybody can check offline'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "check-proof" -d 'Check a proof that `prove` wrote, without the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "checkpoint" -d 'Print the newest signed checkpoint, to be kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "key" -d 'Print the verifier key of the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand ledger; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand explain" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand explain" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand explain" -l list -d 'List all rules'
complete -c shellproof -n "__fish_shellproof_using_subcommand explain" -l json -d 'Write JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand demo" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand demo" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand completions" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand completions" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand man" -l state -d 'Where keys, grants and the ledger are kept [default: $XDG_STATE_HOME/shellproof; as root /var/lib/shellproof]' -r -f -a "(__fish_complete_directories)"
complete -c shellproof -n "__fish_shellproof_using_subcommand man" -l color -d 'When to use colour; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal that has it'
always\t'In any case'
never\t'Not at all'"
complete -c shellproof -n "__fish_shellproof_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "vet" -d 'Inspect skills and say whether they may be installed, with the evidence'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "grant" -d 'Propose, approve, show and revoke what a skill may do'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "policy" -d 'Test, check and explain the policy that decides'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "ledger" -d 'Read, verify and prove the tamper-evident record'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "explain" -d 'Say what a rule finds, why it matters and how to fix it'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "demo" -d 'See it work: three skills, a grant, and a ledger that notices'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "man" -d 'Print the manual page'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and not __fish_seen_subcommand_from vet grant policy ledger explain demo completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "draft" -d 'Propose the least grant that covers what a skill was seen to need'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "approve" -d 'Sign a grant for a skill exactly as it is now'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "show" -d 'Show one grant, or the one in force for a skill'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "diff" -d 'Show what changed in a skill since its grant, as capabilities'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "revoke" -d 'End a grant now'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from grant" -f -a "list" -d 'List all grants with their state'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "test" -d 'Run the tests of a policy, with coverage'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "check" -d 'Load a policy and say what is wrong with it'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "explain" -d 'Say which rules of a policy made a decision, from an inspection in JSON'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "tail" -d 'Show the newest records'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "show" -d 'Show one record in full'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "verify" -d 'Check every record against the tree, the tree against its signed checkpoint, and that against one kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "prove" -d 'Write a proof that a record is in the ledger, which anybody can check offline'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "check-proof" -d 'Check a proof that `prove` wrote, without the ledger'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "checkpoint" -d 'Print the newest signed checkpoint, to be kept elsewhere'
complete -c shellproof -n "__fish_shellproof_using_subcommand help; and __fish_seen_subcommand_from ledger" -f -a "key" -d 'Print the verifier key of the ledger'
