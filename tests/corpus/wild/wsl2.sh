# ~/.bashrc: ssh-agent and gpg-agent of Windows
export SSH_AUTH_SOCK="$HOME/.ssh/agent.sock"
if ! ss -a | grep -q "$SSH_AUTH_SOCK"; then
  rm -f "$SSH_AUTH_SOCK"
  wsl2_ssh_pageant_bin="$HOME/.ssh/wsl2-ssh-pageant.exe"
  if test -x "$wsl2_ssh_pageant_bin"; then
    (setsid nohup socat UNIX-LISTEN:"$SSH_AUTH_SOCK,fork" EXEC:"$wsl2_ssh_pageant_bin" >/dev/null 2>&1 &)
  else
    echo >&2 "WARNING: $wsl2_ssh_pageant_bin is not executable."
  fi
fi
export GPG_AGENT_SOCK="$HOME/.gnupg/S.gpg-agent"
(setsid nohup socat UNIX-LISTEN:"$GPG_AGENT_SOCK,fork" EXEC:"'$HOME/npiperelay.exe' -ei -ep -s -a '/mnt/c/Users/me/AppData/Local/gnupg/S.gpg-agent'",nofork >/dev/null 2>&1 &)
socat UNIX-LISTEN:/tmp/gpg.sock,fork TCP:localhost:4321
