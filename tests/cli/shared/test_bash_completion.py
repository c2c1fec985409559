"""Values with colons and equals signs are completed in a real Bash, which gives and replaces them in pieces."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
eval "$(_DERM_COMPLETE=bash_source derm)"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_derm_completion derm
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
BEGUN = {
    "unsplit": ("derm train --phase ep", {"epochs="}),
    "behind a colon": ("derm train --phase full : ep", {"epochs="}),
    "a component's choices": ("derm train --phase full : loss = fo", {"focal"}),
    "after another in pieces": ("derm train --phase full : epochs = 3 --recipe str", {"strong"}),
    "in one with its option": ("derm train --phase = full : ep", {"epochs="}),
    "an augmentation's option": ("derm train --augmentation photo --augment bl", {"blur="}),
}


@pytest.mark.parametrize(("words", "expected"), BEGUN.values(), ids=BEGUN)
def test_what_bash_puts_behind_the_last_piece(words, expected, tmp_path):
    bash = shutil.which("bash")
    assert bash, "Bash is not installed: apt install bash"
    program = ASK.format(words=" ".join(f"'{each}'" for each in words.split()))
    done = subprocess.run(
        [bash, "--norc", "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert set(done.stdout.split("\n")) - {""} == expected
