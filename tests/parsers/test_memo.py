"""What comes again is worked out once, and never more is kept than was said."""

from __future__ import annotations

from parsers.memo import Memo


def test_what_comes_again_is_made_once() -> None:
    """Asked for twice, it is made for the first time alone."""
    made: list[str] = []

    def double(word: str) -> str:
        made.append(word)
        return word * 2

    memo = Memo(double, most=8)
    assert [memo[word] for word in ("a", "b", "a", "a")] == ["aa", "bb", "aa", "aa"]
    assert made == ["a", "b"]


def test_it_begins_anew_when_it_is_full() -> None:
    """However many come, no more than so many are kept, and each is what it should be."""
    memo = Memo(str, most=3)
    for number in range(20):
        assert memo[number] == str(number)
        assert len(memo) <= 3
