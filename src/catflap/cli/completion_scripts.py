"""The scripts that shells load: each asks the program by click's protocol.

click's own scripts do not know words with ``:``, ``=`` and ``,`` in them, of which addresses
consist: bash splits words at the first two, and click's script for fish at the third.
"""

from __future__ import annotations

__all__ = ("SCRIPTS",)

_BASH = """\
_catflap_completion() {
    local IFS=$' \\t\\n' words item type value word kept
    # COMP_WORDS is split at : and =, which belong to addresses; blanks alone part our words.
    read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
    [[ "${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
    word="${words[-1]}"
    # What stands before the last of them is on the line already, and bash keeps it.
    kept="${word%"${word##*[:=]}"}"
    [[ "$COMP_WORDBREAKS" == *[:=]* ]] || kept=""
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case "$type" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ "$value" == *[:=,/] ]] && compopt -o nospace
                COMPREPLY+=("${value#"$kept"}")
                ;;
        esac
    done < <(IFS=$'\\n'; COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \\
        _CATFLAP_COMPLETE=bash_complete "$1")
}

complete -o nosort -F _catflap_completion catflap
"""

_ZSH = """\
#compdef catflap

_catflap_completion() {
    local -a response plain glued described described_glued
    (( ! $+commands[catflap] )) && return 1

    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        _CATFLAP_COMPLETE=zsh_complete catflap)}")

    for type key help in ${response}; do
        if [[ "$type" == dir ]]; then
            _path_files -/
        elif [[ "$type" == file ]]; then
            _path_files -f
        elif [[ "$help" == _ && "$key" == *[:=,/] ]]; then
            glued+=("$key")
        elif [[ "$help" == _ ]]; then
            plain+=("$key")
        elif [[ "$key" == *[:=,/] ]]; then
            described_glued+=("$key:$help")
        else
            described+=("$key:$help")
        fi
    done

    # No blank behind what goes on: a kind with parameters, an option with a value.
    (( $#described )) && _describe -V catflap described -U
    (( $#described_glued )) && _describe -V catflap described_glued -U -S ''
    (( $#plain )) && compadd -U -V catflap -a plain
    (( $#glued )) && compadd -U -V catflap -S '' -a glued
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _catflap_completion "$@"
else
    compdef _catflap_completion catflap
fi
"""

_FISH = """\
function _catflap_completion
    set -l response (_CATFLAP_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) \\
        COMP_CWORD=(commandline -t) catflap)
    for line in $response
        # At the first comma alone: an address has commas too.
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command catflap --arguments '(_catflap_completion)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""The script of each shell."""
