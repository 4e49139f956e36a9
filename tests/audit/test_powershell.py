"""PowerShell, as scripts and as blocks in documents: read by its look."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of

_A, _B = "TCP-LISTEN:7001,fork", "TCP:backend:7002"


@pytest.mark.parametrize(
    "line",
    [
        f'Start-Process -FilePath "socat" -ArgumentList "{_A} {_B}" -NoNewWindow',
        f"Start-Process 'C:\\tools\\socat.exe' -NoNewWindow -ArgumentList @('{_A}', \"{_B}\")",
        f'$relay = Start-Process socat "{_A} {_B}" -PassThru',
        f"& socat {_A} {_B}",
        f'& "C:\\Program Files\\socat\\socat.exe" {_A} {_B}',
        f"wsl -d Ubuntu -e socat {_A} {_B}",
        f"Start-Process wsl.exe -ArgumentList '-d','Ubuntu','--','socat','{_A}','{_B}'",
        f'Invoke-Expression "socat {_A} {_B}"',
        f"socat.exe `\n  {_A} `\r\n  {_B}",
    ],
)
def test_what_is_started(line: str) -> None:
    for kind, path, text in (
        ("text", "tools/relay.ps1", line + "\n"),
        ("markdown", "x.md", f"```powershell\n{line}\n```\n"),
    ):
        (found,) = words_of(read_as(kind, text, path))
        assert found[-2:] == [_A, _B]


@pytest.mark.parametrize(
    "line",
    [
        f'Write-Host "socat {_A} {_B}"',
        f"# socat {_A} {_B}",
        "Start-Process socat -ArgumentList $words",
        "Get-Command socat -ErrorAction SilentlyContinue",
        "if (Get-Process socat) { Stop-Process -Name socat }",
    ],
)
def test_what_is_not(line: str) -> None:
    assert not read_as("text", line + "\n", "relay.ps1").commands
