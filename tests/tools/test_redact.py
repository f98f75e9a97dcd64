from __future__ import annotations

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from tools.redact import GONE, Redactor

TOKENS = st.text(string.ascii_letters + string.digits, min_size=24, max_size=60).filter(
    lambda text: any(map(str.isdigit, text)) and any(map(str.islower, text)) and any(map(str.isupper, text))
)
PLACES = st.sampled_from(
    [
        "{0}",
        "export API_KEY={0}",
        "Authorization: Bearer {0}",
        "https://user:{0}@host.example/x.git",
        '{{"token": "{0}"}}',
        "curl --api-key {0} https://host.example",
        "  12| password: {0}",
        "error: login failed for {0}",
    ]
)


@given(TOKENS, PLACES)
def test_no_secret_of_the_environment_survives_anywhere(secret: str, place: str) -> None:
    redactor = Redactor({"SERVICE_TOKEN": secret}, ("/home/somebody",), ("somebody",))
    text = place.format(secret)
    assert secret not in redactor.text(text)
    assert secret not in redactor.json_lines(json.dumps({"text": text, "nested": [{"deep": text}]}))


def test_who_the_person_is_is_taken_out() -> None:
    redactor = Redactor({}, ("/home/somebody",), ("somebody",))
    assert redactor.text("/home/somebody/sim/a.c: by somebody") == "~/sim/a.c: by ⟨user⟩"
    assert redactor.text("/home/another/x") == "/home/⟨user⟩/x"


def test_private_keys_and_logins_are_taken_out_without_the_environment() -> None:
    redactor = Redactor({}, (), ())
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQQ==\n-----END OPENSSH PRIVATE KEY-----"
    assert redactor.text(f"before\n{key}\nafter") == f"before\n{GONE}\nafter"
    assert redactor.text("git clone https://me:hunter22@host.example/x") == f"git clone https://{GONE}@host.example/x"


def test_a_password_of_several_words_goes_as_a_whole() -> None:
    redactor = Redactor({}, (), ())
    assert redactor.text("passphrase = correct horse battery staple") == f"passphrase = {GONE}"
    assert "horse" not in redactor.text("PASSWORD=correct horse, user=me")


def test_ordinary_text_stays_as_it_is() -> None:
    redactor = Redactor({"PATH": "/usr/bin:/bin", "N": "12"}, ("/home/somebody",), ("somebody",))
    for text in (
        "src/state_vector.cpp:112:7: error: 'applyControlledRotation' was not declared in this scope",
        "[ 45%] Building CXX object CMakeFiles/sim.dir/src/main.cpp.o",
        "commit 4af047b083dbb4ce2236fd845a579263d8c8283a by the release tool",
        "0.70710678118654757 -0.35355339059327379",
        "counts 01101 512 of 1024 shots",
    ):
        assert redactor.text(text) == text
