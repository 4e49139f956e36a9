# wsl socat TCP-LISTEN:80,fork TCP:web:80
Write-Host "install socat in WSL first"
