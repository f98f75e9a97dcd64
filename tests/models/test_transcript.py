from __future__ import annotations

import threading
from pathlib import Path

from models.transcript import Totals, Transcript

CALL = {"question": "q", "input_tokens": 10, "output_tokens": 2, "seconds": 0.5}


def test_records_come_back_in_order_with_their_numbers(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "run")
    assert (transcript.records(), transcript.totals()) == ([], Totals())
    transcript.append(CALL)
    transcript.append(CALL | {"answer": "ä\n✓"})
    assert transcript.records() == [{"n": 1} | CALL, {"n": 2} | CALL | {"answer": "ä\n✓"}]
    assert transcript.path.read_text().count("\n") == 2


def test_totals_hold_what_earlier_processes_spent(tmp_path: Path) -> None:
    Transcript(tmp_path).append(CALL)
    later = Transcript(tmp_path)
    assert later.totals() == Totals(1, 10, 2, 0.5)
    later.append(CALL)
    later.append({"error": "refused", "seconds": 1.0})
    assert later.totals() == Totals(2, 20, 4, 2.0)
    assert [record["n"] for record in later.records()] == [1, 2, 3]


def test_a_torn_last_line_is_skipped_and_spoils_nothing(tmp_path: Path) -> None:
    Transcript(tmp_path).append(CALL)
    path = tmp_path / "transcript.jsonl"
    whole = path.read_bytes()
    first = {"n": 1} | CALL
    for end in range(len(whole) - 1):
        path.write_bytes(whole + whole[:end])
        transcript = Transcript(tmp_path)
        assert transcript.records() == [first]
        transcript.append(CALL)
        assert transcript.records() == [first, {"n": 2} | CALL]
        assert Transcript(tmp_path).totals().calls == transcript.totals().calls == 2


def test_a_last_line_that_lacks_only_its_end_is_a_record(tmp_path: Path) -> None:
    Transcript(tmp_path).append(CALL)
    path = tmp_path / "transcript.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    transcript = Transcript(tmp_path)
    transcript.append(CALL)
    assert [record["n"] for record in transcript.records()] == [1, 2]
    assert Transcript(tmp_path).totals() == transcript.totals()


def test_a_line_torn_by_another_process_meanwhile(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path)
    transcript.append(CALL)
    with transcript.path.open("ab") as file:
        file.write(b'{"n": 2, "quest')
    assert transcript.totals().calls == 1
    transcript.append(CALL)
    assert transcript.totals().calls == 2
    assert len(transcript.records()) == 2


def test_threads_share_a_transcript(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path)

    def work() -> None:
        for _ in range(25):
            transcript.append(CALL)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record["n"] for record in transcript.records()) == list(range(1, 101))
