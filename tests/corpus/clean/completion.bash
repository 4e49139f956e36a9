_socat()
{
    local cur prev
    _init_completion || return
    case $cur in
        TCP-L*) COMPREPLY=( $(compgen -W 'TCP-LISTEN:' -- "$cur") ) ;;
    esac
} &&
complete -F _socat socat
alias sc=socat
